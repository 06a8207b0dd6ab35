using FastGate.Configuration.Validation;

namespace FastGate.Configuration.Options;

/// <summary>Timeouts of a device connection; all of them are entries of the one timer wheel.</summary>
internal sealed record DeviceTimeouts : IOptionSection
{
    /// <summary>From accept to the whole request, however slowly it arrives. The firmware and uWebSockets both allow 10 s.</summary>
    [Duration(DurationAttribute.Shortest, "00:10:00")]
    public TimeSpan Handshake { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>From the 101 to the first valid message. The firmware waits 10 s for its hello.</summary>
    [Duration(DurationAttribute.Shortest, "00:10:00")]
    public TimeSpan Hello { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// From the last activity (a message of the device, a turn, the end of its reply), at first from the 101, to the warning. The old server's
    /// default. Zero or less: idle devices are not closed.
    /// </summary>
    [Duration(DurationAttribute.Shortest, "7.00:00:00", OffAtZero = true)]
    public TimeSpan Idle { get; init; } = TimeSpan.FromSeconds(120);

    /// <summary>From the warning to the close.</summary>
    [Duration("00:00:00", "01:00:00")]
    public TimeSpan IdleGrace { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a closing handshake may take: stock firmware never answers a close frame.</summary>
    [Duration(DurationAttribute.Shortest, "00:10:00")]
    public TimeSpan Close { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How long a write may wait for a peer that does not read.</summary>
    [Duration(DurationAttribute.Shortest, "00:10:00")]
    public TimeSpan Write { get; init; } = TimeSpan.FromSeconds(10);
}
