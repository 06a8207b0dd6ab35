using FastGate.Configuration.Validation;

namespace FastGate.Configuration.Options;

/// <summary>What is remembered of a device, and where.</summary>
internal sealed record MemoryOptions : IOptionSection
{
    /// <summary>The store of the turns; <c>None</c> stores and summarizes nothing.</summary>
    public MemoryProviderKind Provider { get; init; } = MemoryProviderKind.Sqlite;

    /// <summary>Database file; relative to the working directory. With <c>Postgres</c> it holds bans, tags and commands only.</summary>
    [Text(4_096)]
    public string Path { get; init; } = "data/fastgate.db";

    /// <summary>
    /// The PostgreSQL database of the provider <c>Postgres</c>, as <c>Host=db;Database=fastgate;Username=fastgate;Password=...</c>. Several servers may use one.
    /// </summary>
    [Text(4_096, Secret = true)]
    public string? ConnectionString { get; init; }

    /// <summary>The beginning of the names of the tables in PostgreSQL; their schema is the first of the search path.</summary>
    [TablePrefix]
    public string TablePrefix { get; init; } = "fastgate_";

    /// <summary>Turns between two summaries.</summary>
    [WholeNumber(1, 100_000)]
    public int SummarizeEvery { get; init; } = 20;

    /// <summary>Age at which turns are deleted; 0 keeps them without limit.</summary>
    [WholeNumber(0, 36_500, Note = "0 keeps them without limit")]
    public int RetentionDays { get; init; }
}

/// <summary>The store of the turns.</summary>
internal enum MemoryProviderKind
{
    Sqlite,

    /// <summary>A database that several servers share.</summary>
    Postgres,

    /// <summary>Stores and summarizes nothing.</summary>
    None,
}
