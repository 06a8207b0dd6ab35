namespace FastGate.Configuration.Options;

/// <summary>What is remembered of a device, and where.</summary>
internal sealed record MemoryOptions
{
    public MemoryProviderKind Provider { get; init; } = MemoryProviderKind.Sqlite;

    /// <summary>Database file; relative to the working directory.</summary>
    public string Path { get; init; } = "data/fastgate.db";

    /// <summary>Turns between two summaries.</summary>
    public int SummarizeEvery { get; init; } = 20;

    /// <summary>Age at which turns are erased; 0 keeps them for ever.</summary>
    public int RetentionDays { get; init; }
}
