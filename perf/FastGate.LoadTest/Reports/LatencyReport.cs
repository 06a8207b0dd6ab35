using FastGate.LoadTest.Measure;

namespace FastGate.LoadTest.Reports;

/// <summary>One latency in milliseconds, from the instant at which something was due.</summary>
internal sealed record LatencyReport(
    string Name, long Count, double MinMs, double MeanMs, double P50Ms, double P90Ms, double P99Ms, double P999Ms, double MaxMs)
{
    public static LatencyReport Of(string name, LatencyHistogram histogram) => new(
        name,
        histogram.Count,
        Ms(histogram.Min),
        Ms(histogram.Mean),
        Ms(histogram.Percentile(0.5)),
        Ms(histogram.Percentile(0.9)),
        Ms(histogram.Percentile(0.99)),
        Ms(histogram.Percentile(0.999)),
        Ms(histogram.Max));

    public static double Ms(double nanoseconds) => Math.Round(nanoseconds / 1e6, 3);
}
