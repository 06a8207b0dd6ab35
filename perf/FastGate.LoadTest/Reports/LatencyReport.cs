using HdrHistogram;

namespace FastGate.LoadTest.Reports;

/// <summary>One latency in milliseconds, measured from the scheduled instant.</summary>
internal sealed record LatencyReport(
    string Name, long Count, double MinMs, double MeanMs, double P50Ms, double P90Ms, double P99Ms, double P999Ms, double MaxMs)
{
    /// <summary>Two points for each halving of the values above, up to the maximum.</summary>
    private const int PointsPerHalving = 2;

    /// <summary>The percentile curve, in ascending order.</summary>
    public IReadOnlyList<PercentileReport> Curve { get; init; } = [];

    public static LatencyReport Of(string name, HistogramBase histogram) => histogram.TotalCount == 0 ? new(name, 0, 0, 0, 0, 0, 0, 0, 0) : new(
        name,
        histogram.TotalCount,
        PercentileMs(histogram, 0),
        Ms(histogram.GetMean()),
        PercentileMs(histogram, 50),
        PercentileMs(histogram, 90),
        PercentileMs(histogram, 99),
        PercentileMs(histogram, 99.9),
        Ms(histogram.GetMaxValue()))
    {
        Curve = ReadCurve(histogram),
    };

    public static double PercentileMs(HistogramBase histogram, double percent) => Ms(histogram.GetValueAtPercentile(percent));

    private static PercentileReport[] ReadCurve(HistogramBase histogram)
    {
        List<PercentileReport> curve = [];
        double above = 1;
        for (int i = 1; above * histogram.TotalCount >= 1; i++)
        {
            double percent = Math.Round(100 * (1 - above), 6);
            curve.Add(new PercentileReport(percent, PercentileMs(histogram, percent)));
            above = Math.Pow(2, -(double)i / PointsPerHalving);
        }

        curve.Add(new PercentileReport(100, Ms(histogram.GetMaxValue())));
        return [.. curve];
    }

    private static double Ms(double nanoseconds) => Math.Round(nanoseconds / 1e6, 3);
}
