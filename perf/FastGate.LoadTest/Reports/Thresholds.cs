namespace FastGate.LoadTest.Reports;

/// <summary>The thresholds of a run; null = no threshold.</summary>
internal sealed record Thresholds
{
    public double? MaxP50Ms { get; init; }

    public double? MaxP99Ms { get; init; }

    public double? MaxP999Ms { get; init; }

    public double? MaxLost { get; init; }

    public double? MaxLateShare { get; init; }

    public double? MinThroughput { get; init; }

    public double? MaxServerCpuUs { get; init; }

    public double? MaxServerMb { get; init; }

    public double? MaxBytesPerDevice { get; init; }

    /// <summary>Fail when the driver was the limit.</summary>
    public bool RequireDriverHeadroom { get; init; }

    public bool NeedsServer => MaxServerCpuUs is not null || MaxServerMb is not null || MaxBytesPerDevice is not null;

    public RunReport Judge(RunReport report)
    {
        List<ThresholdResult> results = [];
        LatencyReport judged = report.Judged;
        double? Measured(double value) => judged.Count == 0 ? null : value;
        AtMost(results, "--max-p50-ms", $"{judged.Name}: p50, ms", MaxP50Ms, Measured(judged.P50Ms));
        AtMost(results, "--max-p99-ms", $"{judged.Name}: p99, ms", MaxP99Ms, Measured(judged.P99Ms));
        AtMost(results, "--max-p999-ms", $"{judged.Name}: p99.9, ms", MaxP999Ms, Measured(judged.P999Ms));
        AtMost(results, "--max-lost", "failed, lost and unanswered", MaxLost, report.Load.Failed + report.Load.Lost + report.Load.Unanswered);
        AtMost(results, "--max-late-share", "share of late frames", MaxLateShare, report.Load.LateShare);
        if (MinThroughput is { } least)
        {
            double actual = report.Load.OperationsPerSecond;
            results.Add(new ThresholdResult("--min-throughput", $"{report.Operation}s a second", least, actual, actual >= least));
        }

        bool connecting = report.JudgedLatency == report.Connect.Name;
        AtMost(
            results,
            "--max-server-cpu-us",
            $"server CPU for each {(connecting ? "connection" : report.Operation)}, µs",
            MaxServerCpuUs,
            connecting ? report.Server?.CpuMicrosecondsPerConnection : report.Server?.CpuMicrosecondsPerOperation);
        AtMost(results, "--max-server-mb", "server memory, peak, MB", MaxServerMb, report.Server?.ResidentMbPeak);
        AtMost(results, "--max-bytes-per-device", "server memory for each device, bytes", MaxBytesPerDevice, report.Server?.ResidentBytesPerDevice);
        AtMost(results, "--require-headroom", "driver was the limit", RequireDriverHeadroom ? 0 : null, report.Driver.WasLimit ? 1 : 0);
        return report with { Thresholds = results, Passed = results.TrueForAll(result => result.Passed) };
    }

    private static void AtMost(List<ThresholdResult> results, string option, string what, double? limit, double? actual)
    {
        if (limit is { } most)
        {
            results.Add(new ThresholdResult(option, what, most, actual, actual <= most));
        }
    }
}
