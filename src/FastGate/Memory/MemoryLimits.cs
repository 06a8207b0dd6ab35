namespace FastGate.Memory;

/// <summary>Bounds and intervals of the memory room.</summary>
internal sealed record MemoryLimits
{
    /// <summary>Entries that may wait for the disk (<c>Workers:Memory:Queue</c>).</summary>
    public int Pending { get; init; } = 65_536;

    /// <summary>Bytes that may wait for the disk: a stalled one must not eat the 512 MB machine.</summary>
    public long PendingBytes { get; init; } = 64L << 20;

    /// <summary>Erasures and summaries beyond <see cref="Pending"/>: a journal full of turns must not keep a device from being forgotten.</summary>
    public int PendingExtra { get; init; } = 1_024;

    /// <summary>How long the first of a group waits for others. A twentieth of the second after which a turn must be safe.</summary>
    public TimeSpan GroupWindow { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>Turns in one transaction: about 20 ms of work, so that an erasure or a flush is not kept waiting.</summary>
    public int Batch { get; init; } = 4_096;

    /// <summary>First and longest wait before a failed save is tried again.</summary>
    public TimeSpan RetryFirst { get; init; } = TimeSpan.FromMilliseconds(100);

    public TimeSpan RetryLongest { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Reads that may wait for the reader thread.</summary>
    public int Reads { get; init; } = 8_192;

    /// <summary>How long a turn waits for its memory before it goes on without.</summary>
    public TimeSpan LoadWait { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>The same while the reads before it failed: a conversation must not pay for a store in trouble at every first turn.</summary>
    public TimeSpan LoadWaitInTrouble { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>How long an operator's export waits for each page.</summary>
    public TimeSpan ExportWait { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Devices that may wait for a summary.</summary>
    public int Summaries { get; init; } = 65_536;

    /// <summary>Devices whose turns are counted towards a summary; above any number of connections the gateway is made for.</summary>
    public int SummaryDevices { get; init; } = 2_000_000;

    /// <summary>Erasures of which the device is still known; a session that began before them asks the store once more.</summary>
    public int Erasures { get; init; } = 65_536;

    /// <summary>How long the last saves may take when the gateway stops.</summary>
    public TimeSpan StopWait { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>Time between two rounds of erasing what is older than <c>Memory:RetentionDays</c>.</summary>
    public TimeSpan RetentionInterval { get; init; } = TimeSpan.FromHours(1);

    /// <summary>Turns erased for age in one transaction.</summary>
    public int RetentionBatch { get; init; } = 1_000;
}
