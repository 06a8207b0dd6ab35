using FastGate.Configuration.Validation;
using FastGate.Llm.Settings;
using Microsoft.Extensions.Options;

namespace FastGate.Configuration.Options;

/// <summary>The options of the gateway, bound from the section <c>FastGate</c>. Each default and its range are on the property.</summary>
internal sealed record GatewayOptions : IOptionSection
{
    public const string Section = "FastGate";

    [ValidateObjectMembers]
    public DeviceOptions Devices { get; init; } = new();

    [ValidateObjectMembers]
    public HttpOptions Http { get; init; } = new();

    [ValidateObjectMembers]
    public AdminOptions Admin { get; init; } = new();

    [ValidateObjectMembers]
    public AuthOptions Auth { get; init; } = new();

    [ValidateObjectMembers]
    public LlmOptions Llm { get; init; } = new();

    [ValidateObjectMembers]
    public MemoryOptions Memory { get; init; } = new();

    [ValidateObjectMembers]
    public ManagementOptions Management { get; init; } = new();

    [ValidateObjectMembers]
    public SessionOptions Session { get; init; } = new();

    [ValidateObjectMembers]
    public SpeechOptions Speech { get; init; } = new();

    [ValidateObjectMembers]
    public ToolOptions Tools { get; init; } = new();

    [ValidateObjectMembers]
    public CommandOptions Commands { get; init; } = new();

    [ValidateObjectMembers]
    public WebhookOptions Webhooks { get; init; } = new();

    [ValidateObjectMembers]
    public ClusterOptions Cluster { get; init; } = new();

    [ValidateObjectMembers]
    public VisionOptions Vision { get; init; } = new();

    [ValidateObjectMembers]
    public WorkerOptions Workers { get; init; } = new();

    [ValidateObjectMembers]
    public OverloadOptions Overload { get; init; } = new();

    [ValidateObjectMembers]
    public DrainOptions Drain { get; init; } = new();

    [ValidateObjectMembers]
    public RestartOptions Restart { get; init; } = new();

    [ValidateObjectMembers]
    public TelemetryOptions Telemetry { get; init; } = new();

    /// <summary>Path of an existing xiaozhi <c>config.yaml</c>, read as if its keys were written here.</summary>
    public string? Config { get; init; }
}
