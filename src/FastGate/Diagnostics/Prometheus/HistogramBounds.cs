using System.Diagnostics.Metrics;

namespace FastGate.Diagnostics.Prometheus;

/// <summary>Bucket bounds of a histogram: what the instrument advises, else what suits its unit.</summary>
internal static class HistogramBounds
{
    private static readonly double[] s_seconds =
        [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

    private static readonly double[] s_bytes = [64, 256, 1_024, 4_096, 16_384, 65_536, 262_144, 1_048_576];

    private static readonly double[] s_counts = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 10_000];

    public static double[] Of(Instrument instrument)
    {
        double[]? advised = instrument switch
        {
            Instrument<double> { Advice.HistogramBucketBoundaries: { } bounds } => [.. bounds],
            Instrument<float> { Advice.HistogramBucketBoundaries: { } bounds } => [.. bounds.Select(static bound => (double)bound)],
            Instrument<long> { Advice.HistogramBucketBoundaries: { } bounds } => [.. bounds.Select(static bound => (double)bound)],
            Instrument<int> { Advice.HistogramBucketBoundaries: { } bounds } => [.. bounds.Select(static bound => (double)bound)],
            _ => null,
        };
        return advised is { Length: > 0 } ? advised : instrument.Unit switch
        {
            "s" => s_seconds,
            "ms" => [.. s_seconds.Select(static bound => bound * 1_000)],
            "By" => s_bytes,
            _ => s_counts,
        };
    }
}
