namespace FastGate.LoadTest.Reports;

/// <summary>
/// The worst delay of an answer that each pinging device saw in one window, over the devices; and the longest time in which no device had an answer.
/// </summary>
internal sealed record GapReport(double P50Ms, double P99Ms, double MaxMs, double SilenceMs)
{
    public static GapReport Of(IEnumerable<long> worst, long silence)
    {
        long[] sorted = [.. worst.Order()];
        return new GapReport(At(sorted, 0.5), At(sorted, 0.99), At(sorted, 1), Ms(silence));
    }

    /// <summary>The nearest rank: the value that is not exceeded by this share of the devices.</summary>
    private static double At(long[] sorted, double share) => sorted.Length == 0 ? 0 : Ms(sorted[Math.Max(0, (int)Math.Ceiling(share * sorted.Length) - 1)]);

    private static double Ms(long nanoseconds) => Math.Round(nanoseconds / 1e6, 2);
}
