using System.Diagnostics;

namespace FastGate.Benchmarks;

/// <summary>
/// Runs benchmarks that need a setup for each call until the runtime has compiled optimized code; a measurement alone calls them too rarely.
/// </summary>
internal static class Tiering
{
    private static readonly TimeSpan s_enough = TimeSpan.FromMilliseconds(600);

    /// <summary>Set by the program. Tests that only count bytes do not need it.</summary>
    public static bool IsWanted { get; set; }

    public static void Settle(Action prepare, Action body)
    {
        var watch = Stopwatch.StartNew();
        while (IsWanted && watch.Elapsed < s_enough)
        {
            prepare();
            body();
        }
    }
}
