namespace FastGate.Http.Admin;

/// <summary>One second of the whole gateway. Counts are since the start of the process and equal the metrics of the same names.</summary>
internal sealed record OverviewReport
{
    public required DateTimeOffset At { get; init; }

    public required long UptimeSeconds { get; init; }

    /// <summary>Registered devices.</summary>
    public required int Devices { get; init; }

    /// <summary>Open sockets, including those in their handshake.</summary>
    public required long Open { get; init; }

    /// <summary>Handshakes answered with 101.</summary>
    public required long Connects { get; init; }

    /// <summary>Ended connections by reason.</summary>
    public required IReadOnlyDictionary<string, long> Ends { get; init; }

    /// <summary>Ended turns by outcome.</summary>
    public required IReadOnlyDictionary<string, long> Turns { get; init; }

    public required IReadOnlyList<StageReport> Stages { get; init; }

    public required IReadOnlyList<ProviderReport> Llm { get; init; }

    public required IReadOnlyList<LoopReport> Loops { get; init; }

    public required ProcessMemory Memory { get; init; }
}

/// <summary>A stage of turns: how many had it, and its mean time.</summary>
internal sealed record StageReport(string Name, long Count, double MeanMs);

/// <summary>A provider that a purpose resolves to, and its calls in progress.</summary>
internal sealed record ProviderReport(string Name, string? Model, string Breaker, int InFlight);

/// <summary>An event loop: its connections, and its share of one processor since the report before, 0 to 1.</summary>
internal sealed record LoopReport(int Loop, int Connections, double Busy);

/// <summary>Memory of the process.</summary>
internal sealed record ProcessMemory(long ResidentBytes, long ManagedBytes);
