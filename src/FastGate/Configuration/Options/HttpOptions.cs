namespace FastGate.Configuration.Options;

/// <summary>The public HTTP door: OTA and health.</summary>
internal sealed record HttpOptions
{
    public string Listen { get; init; } = "0.0.0.0:8003";

    /// <summary>What OTA hands out; made from the request's host and the device port when absent.</summary>
    public string? WebSocketUrl { get; init; }

    /// <summary>What a device adds to UTC for its clock; the machine's own zone when absent (containers often run in UTC).</summary>
    public TimeSpan? TimezoneOffset { get; init; }
}
