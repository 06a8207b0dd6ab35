namespace FastGate.LoadTest.Reports;

/// <summary>
/// All that a run found, rounded once: JSON, HTML and the closing lines on the terminal print these numbers and compute none.
/// </summary>
internal sealed record RunReport
{
    public required string Scenario { get; init; }

    /// <summary>What <see cref="LoadReport.Operations"/> counts.</summary>
    public required string Operation { get; init; }

    public required string Command { get; init; }

    public required string StartedAt { get; init; }

    /// <summary>Stopped before its time: what is reported is of the part that ran.</summary>
    public bool Interrupted { get; init; }

    public required MachineReport Machine { get; init; }

    public required LoadReport Load { get; init; }

    /// <summary>From the instant at which a connection was due to the answer of its hello.</summary>
    public required LatencyReport Connect { get; init; }

    /// <summary>The scenario's own; the first is the one that thresholds judge, unless <see cref="JudgedLatency"/> says otherwise.</summary>
    public required IReadOnlyList<LatencyReport> Latencies { get; init; }

    public required string JudgedLatency { get; init; }

    /// <summary>What the latencies of <see cref="Samples"/> are of.</summary>
    public required string PlottedLatency { get; init; }

    /// <summary>Null without <c>--server-pid</c>.</summary>
    public ServerReport? Server { get; init; }

    public required DriverReport Driver { get; init; }

    public required IReadOnlyList<SampleReport> Samples { get; init; }

    public required IReadOnlyList<MarkReport> Marks { get; init; }

    public IReadOnlyList<ThresholdResult> Thresholds { get; init; } = [];

    /// <summary>No threshold was missed.</summary>
    public bool Passed { get; init; } = true;

    public LatencyReport Judged => JudgedLatency == Connect.Name ? Connect : Latencies[0];
}
