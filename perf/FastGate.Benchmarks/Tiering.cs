using System.Diagnostics;

namespace FastGate.Benchmarks;

/// <summary>
/// Benchmarks that must be set up anew for each measurement run only once in it, too seldom for the runtime to compile them at its best by
/// itself. They are run here until it has.
/// </summary>
internal static class Tiering
{
    private static readonly TimeSpan s_enough = TimeSpan.FromMilliseconds(600);

    /// <summary>Set by the program; the test that only counts bytes has no use for it.</summary>
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
