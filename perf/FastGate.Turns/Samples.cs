using System.Diagnostics;
using System.Globalization;

namespace FastGate.Turns;

/// <summary>The durations of one phase.</summary>
internal sealed class Samples
{
    private readonly List<double> _milliseconds = [];

    public int Count => _milliseconds.Count;

    public double Median => Percentile(0.5);

    public double P99 => Percentile(0.99);

    public void Add(long since) => _milliseconds.Add(Stopwatch.GetElapsedTime(since).TotalMilliseconds);

    public double Percentile(double share)
    {
        double[] sorted = _milliseconds.Order().ToArray();
        return sorted.Length == 0 ? double.NaN : sorted[Math.Min(sorted.Length - 1, (int)(share * sorted.Length))];
    }

    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"median {Median:F3} ms, p99 {P99:F3} ms, of {Count}");
}
