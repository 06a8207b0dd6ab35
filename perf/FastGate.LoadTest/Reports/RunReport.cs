namespace FastGate.LoadTest.Reports;

/// <summary>
/// The result of a run, already rounded: JSON, HTML and terminal print these numbers and compute none.
/// </summary>
internal sealed record RunReport
{
    public required string Scenario { get; init; }

    /// <summary>What <see cref="LoadReport.Operations"/> counts.</summary>
    public required string Operation { get; init; }

    public required string Command { get; init; }

    public required string StartedAt { get; init; }

    /// <summary>The run was interrupted; the report covers the part that ran.</summary>
    public bool Interrupted { get; init; }

    public required MachineReport Machine { get; init; }

    public required LoadReport Load { get; init; }

    /// <summary>Null except for the scenario <c>speak</c>.</summary>
    public SpeechReport? Speech { get; init; }

    /// <summary>Null except for the scenario <c>restart</c>.</summary>
    public RestartReport? Restart { get; init; }

    /// <summary>From the scheduled instant of a connect to the answer to its hello.</summary>
    public required LatencyReport Connect { get; init; }

    /// <summary>The latencies of the scenario; thresholds judge <see cref="JudgedLatency"/>.</summary>
    public required IReadOnlyList<LatencyReport> Latencies { get; init; }

    public required string JudgedLatency { get; init; }

    /// <summary>Name of the latency in <see cref="Samples"/>.</summary>
    public required string PlottedLatency { get; init; }

    /// <summary>Null without <c>--server-pid</c>.</summary>
    public ServerReport? Server { get; init; }

    public required DriverReport Driver { get; init; }

    public required IReadOnlyList<SampleReport> Samples { get; init; }

    public required IReadOnlyList<MarkReport> Marks { get; init; }

    /// <summary>Null without <c>--compare</c>.</summary>
    public ComparisonReport? Comparison { get; init; }

    public IReadOnlyList<ThresholdResult> Thresholds { get; init; } = [];

    /// <summary>No threshold was missed.</summary>
    public bool Passed { get; init; } = true;

    public LatencyReport Judged => JudgedLatency == Connect.Name ? Connect : Latencies[0];
}
