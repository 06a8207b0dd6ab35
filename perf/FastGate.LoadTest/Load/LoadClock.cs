using System.Diagnostics;

namespace FastGate.LoadTest.Load;

/// <summary>Monotonic time in nanoseconds.</summary>
internal static class LoadClock
{
    private static readonly double s_nanosecondsPerTick = 1e9 / Stopwatch.Frequency;

    public static long Now => Stopwatch.Frequency == 1_000_000_000 ? Stopwatch.GetTimestamp() : (long)(Stopwatch.GetTimestamp() * s_nanosecondsPerTick);
}
