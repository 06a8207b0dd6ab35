namespace FastGate.Restart.TakeOver;

/// <summary>What a hand-over to another process has moved.</summary>
internal sealed record HandOverReport
{
    public int Connections { get; init; }

    /// <summary>Bytes of the records.</summary>
    public long Bytes { get; init; }

    /// <summary>The batch that took longest from its sending to its answer, or from its arrival to its answer.</summary>
    public TimeSpan LongestBatch { get; init; }

    public int CutTurns { get; init; }

    /// <summary>From the first batch until the new process accepts.</summary>
    public TimeSpan Duration { get; init; }
}
