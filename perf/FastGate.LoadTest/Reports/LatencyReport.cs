using HdrHistogram;

namespace FastGate.LoadTest.Reports;

/// <summary>One latency in milliseconds, measured from the scheduled instant.</summary>
internal sealed record LatencyReport(
    string Name, long Count, double MinMs, double MeanMs, double P50Ms, double P90Ms, double P99Ms, double P999Ms, double MaxMs)
{
    public static LatencyReport Of(string name, HistogramBase histogram) => histogram.TotalCount == 0 ? new(name, 0, 0, 0, 0, 0, 0, 0, 0) : new(
        name,
        histogram.TotalCount,
        PercentileMs(histogram, 0),
        Ms(histogram.GetMean()),
        PercentileMs(histogram, 50),
        PercentileMs(histogram, 90),
        PercentileMs(histogram, 99),
        PercentileMs(histogram, 99.9),
        Ms(histogram.GetMaxValue()));

    public static double PercentileMs(HistogramBase histogram, double percent) => Ms(histogram.GetValueAtPercentile(percent));

    private static double Ms(double nanoseconds) => Math.Round(nanoseconds / 1e6, 3);
}
