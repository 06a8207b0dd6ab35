using FastGate.Llm.Settings;

namespace FastGate.Configuration.Options;

/// <summary>Everything an operator may choose, bound from the configuration section <c>FastGate</c>. Defaults live here, in code.</summary>
internal sealed record GatewayOptions
{
    public const string Section = "FastGate";

    public DeviceOptions Devices { get; init; } = new();
    public HttpOptions Http { get; init; } = new();
    public AdminOptions Admin { get; init; } = new();
    public AuthOptions Auth { get; init; } = new();
    public LlmOptions Llm { get; init; } = new();
    public MemoryOptions Memory { get; init; } = new();
    public ManagementOptions Management { get; init; } = new();
    public SessionOptions Session { get; init; } = new();
    public WorkerOptions Workers { get; init; } = new();
    public DrainOptions Drain { get; init; } = new();

    /// <summary>Path of an existing xiaozhi <c>config.yaml</c>, read as if its keys were written here.</summary>
    public string? Config { get; init; }
}
