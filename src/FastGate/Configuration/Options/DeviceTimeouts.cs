namespace FastGate.Configuration.Options;

/// <summary>Deadlines of a device connection; all of them live on the one timer wheel.</summary>
internal sealed record DeviceTimeouts
{
    /// <summary>From accept to the whole request, however it drips. The firmware and uWebSockets both give 10 s.</summary>
    public TimeSpan Handshake { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>From the 101 to the first valid message. The firmware waits 10 s for its hello.</summary>
    public TimeSpan Hello { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>From the last inbound message (first from the 101) to the warning. The old server's default.</summary>
    public TimeSpan Idle { get; init; } = TimeSpan.FromSeconds(120);

    /// <summary>From the warning to the close.</summary>
    public TimeSpan IdleGrace { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a closing handshake may take: a stock device never answers a close frame.</summary>
    public TimeSpan Close { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How long a write may wait for a peer that does not take it.</summary>
    public TimeSpan Write { get; init; } = TimeSpan.FromSeconds(10);
}
