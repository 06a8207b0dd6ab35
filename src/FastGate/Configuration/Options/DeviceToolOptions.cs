using FastGate.Configuration.Validation;

namespace FastGate.Configuration.Options;

/// <summary>The functions of a device that a model may call.</summary>
internal sealed record DeviceToolOptions
{
    /// <summary>How long a device may take to carry out a call. The old server's default.</summary>
    [Duration(DurationAttribute.Shortest, "00:10:00")]
    public TimeSpan CallTimeout { get; init; } = TimeSpan.FromSeconds(30);
}
