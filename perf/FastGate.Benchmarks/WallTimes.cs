using System.Collections.Concurrent;

namespace FastGate.Benchmarks;

/// <summary>Elapsed times of benchmarks with several threads, one list per benchmark and number of threads.</summary>
internal static class WallTimes
{
    // More than the calls of a run, so that the list does not grow, and allocate, during a measurement.
    private const int Capacity = 4096;

    private static readonly ConcurrentDictionary<(string Benchmark, int Threads), List<double>> s_ns = [];

    /// <summary>Called by the measuring thread after each call.</summary>
    public static void Add(string benchmark, int threads, double nanoseconds) => s_ns.GetOrAdd((benchmark, threads), static _ => new List<double>(Capacity)).Add(nanoseconds);

    public static double? Median(string benchmark, int threads)
    {
        if (!s_ns.TryGetValue((benchmark, threads), out List<double>? all))
        {
            return null;
        }

        double[] sorted = all.Order().ToArray();
        return sorted[sorted.Length / 2];
    }
}
