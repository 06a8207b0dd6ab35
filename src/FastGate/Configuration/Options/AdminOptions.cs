namespace FastGate.Configuration.Options;

/// <summary>The operator's door: metrics and the API.</summary>
internal sealed record AdminOptions
{
    public string Listen { get; init; } = "127.0.0.1:8002";

    /// <summary>Bearer token; required as soon as the door is not on a loopback address.</summary>
    public string? Token { get; init; }
}
