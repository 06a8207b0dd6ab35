using System.Collections.Concurrent;

namespace FastGate.Benchmarks;

/// <summary>What passed by the clock on the wall while several threads worked, a list for each benchmark and number of threads.</summary>
internal static class WallTimes
{
    // More than a run has calls: growing in the middle of one would be counted as the benchmark's.
    private const int Capacity = 4096;

    private static readonly ConcurrentDictionary<(string Benchmark, int Threads), List<double>> s_ns = [];

    /// <summary>Called by the thread that measures, once for each call of a body.</summary>
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
