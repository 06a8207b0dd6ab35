namespace FastGate.HandOver;

/// <summary>A reply that is complete and being played.</summary>
internal sealed record PlaybackState
{
    /// <summary>Frames that have been sent; timestamps and sequence numbers continue from here.</summary>
    public uint FramesSent { get; init; }

    /// <summary>When the device has begun to play, as if without pauses, in milliseconds of Unix time; 0 before the first frame.</summary>
    public long StartedAtUnixMs { get; init; }

    /// <summary><c>TurnOutcome</c>.</summary>
    public byte Outcome { get; init; }

    /// <summary>A fixed line, which is no turn.</summary>
    public bool IsLine { get; init; }

    /// <summary>The sentences and frames that are left, in order.</summary>
    public IReadOnlyList<PlaybackItemState> Items { get; init; } = [];
}
