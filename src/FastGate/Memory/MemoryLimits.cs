namespace FastGate.Memory;

/// <summary>Limits and intervals of the memory.</summary>
internal sealed record MemoryLimits
{
    /// <summary>Entries that may wait for the disk (<c>Workers:Memory:Queue</c>).</summary>
    public int Pending { get; init; } = 65_536;

    /// <summary>Bytes that may wait for the disk; a stalled disk must not use up a machine of 512 MB.</summary>
    public long PendingBytes { get; init; } = 64L << 20;

    /// <summary>Erasures and summaries accepted beyond <see cref="Pending"/>: a full journal must still accept the erasure of a device.</summary>
    public int PendingExtra { get; init; } = 1_024;

    /// <summary>How long the first entry of a group waits for others: a twentieth of the second after which an exchange must be durable.</summary>
    public TimeSpan GroupWindow { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>Exchanges in one transaction: about 20 ms of work, which bounds the wait of an erasure or a flush.</summary>
    public int Batch { get; init; } = 4_096;

    /// <summary>The first and the longest delay before a failed save is retried.</summary>
    public TimeSpan RetryFirst { get; init; } = TimeSpan.FromMilliseconds(100);

    public TimeSpan RetryLongest { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Reads that may wait for the reader thread.</summary>
    public int Reads { get; init; } = 8_192;

    /// <summary>How long a turn waits for its memory before it continues without.</summary>
    public TimeSpan LoadWait { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>The same after a failed read: a failing store must not delay the first turn of every conversation.</summary>
    public TimeSpan LoadWaitInTrouble { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>How long an export waits for each page.</summary>
    public TimeSpan ExportWait { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Devices that may wait for a summary.</summary>
    public int Summaries { get; init; } = 65_536;

    /// <summary>Devices whose exchanges are counted towards a summary; above any supported number of connections.</summary>
    public int SummaryDevices { get; init; } = 2_000_000;

    /// <summary>Erasures whose device is still known; conversations that began before them read the store once more.</summary>
    public int Erasures { get; init; } = 65_536;

    /// <summary>How long the last saves may take when the gateway stops.</summary>
    public TimeSpan StopWait { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>
    /// Time between two deletions of exchanges older than <c>Memory:RetentionDays</c>, and how long a step of the wall clock must last before
    /// deletions follow it.
    /// </summary>
    public TimeSpan RetentionInterval { get; init; } = TimeSpan.FromHours(1);

    /// <summary>Exchanges deleted for their age in one transaction.</summary>
    public int RetentionBatch { get; init; } = 1_000;
}
