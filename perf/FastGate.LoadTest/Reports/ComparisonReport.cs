using System.Globalization;

namespace FastGate.LoadTest.Reports;

/// <summary>The figures of this run beside those of an earlier run of the same scenario.</summary>
internal sealed record ComparisonReport
{
    public required string StartedAt { get; init; }

    public required string Command { get; init; }

    /// <summary>Why the two runs cannot be compared without care.</summary>
    public required IReadOnlyList<string> Warnings { get; init; }

    public required IReadOnlyList<ComparisonRow> Rows { get; init; }

    /// <summary>The percentile curves of the earlier run, by the name of their latency.</summary>
    public required IReadOnlyDictionary<string, IReadOnlyList<PercentileReport>> Curves { get; init; }

    public static ComparisonReport Of(RunReport now, RunReport earlier) => new()
    {
        StartedAt = earlier.StartedAt,
        Command = earlier.Command,
        Warnings = [.. Differences(now, earlier)],
        Rows = [.. Compare(now, earlier)],
        Curves = earlier.Latencies.Append(earlier.Connect).Where(latency => latency.Curve.Count > 0).ToDictionary(latency => latency.Name, latency => latency.Curve),
    };

    private static IEnumerable<string> Differences(RunReport now, RunReport earlier)
    {
        if (now.Machine != earlier.Machine)
        {
            yield return $"the earlier run was made on another machine: {earlier.Machine.Cores.ToString(CultureInfo.InvariantCulture)} cores {earlier.Machine.Processor}, {earlier.Machine.System}, {earlier.Machine.Runtime}";
        }

        if (earlier.Driver.WasLimit)
        {
            yield return "the driver was the limit of the earlier run";
        }

        if (earlier.Interrupted)
        {
            yield return "the earlier run was interrupted";
        }
    }

    private static IEnumerable<ComparisonRow> Compare(RunReport now, RunReport earlier)
    {
        yield return ComparisonRow.Of("devices", earlier.Load.Devices, now.Load.Devices);
        yield return ComparisonRow.Of(now.Operation + "s a second", earlier.Load.OperationsPerSecond, now.Load.OperationsPerSecond);
        foreach (LatencyReport latency in now.Latencies.Append(now.Connect).Where(latency => latency.Count > 0))
        {
            if (earlier.Latencies.Append(earlier.Connect).FirstOrDefault(other => other.Name == latency.Name && other.Count > 0) is { } other)
            {
                yield return ComparisonRow.Of(latency.Name + ", p50, ms", other.P50Ms, latency.P50Ms);
                yield return ComparisonRow.Of(latency.Name + ", p99, ms", other.P99Ms, latency.P99Ms);
                yield return ComparisonRow.Of(latency.Name + ", p99.9, ms", other.P999Ms, latency.P999Ms);
                yield return ComparisonRow.Of(latency.Name + ", max, ms", other.MaxMs, latency.MaxMs);
            }
        }

        yield return ComparisonRow.Of("failed, lost and unanswered", Lost(earlier.Load), Lost(now.Load));
        yield return ComparisonRow.Of($"server CPU for each {now.Operation}, µs", earlier.Server?.CpuMicrosecondsPerOperation, now.Server?.CpuMicrosecondsPerOperation);
        yield return ComparisonRow.Of("server memory, peak, MB", earlier.Server?.ResidentMbPeak, now.Server?.ResidentMbPeak);
        yield return ComparisonRow.Of("server bytes for each device", earlier.Server?.ResidentBytesPerDevice, now.Server?.ResidentBytesPerDevice);
    }

    private static double Lost(LoadReport load) => load.Failed + load.Lost + load.Unanswered;
}
