using HdrHistogram;

namespace FastGate.LoadTest.Measure;

/// <summary>Histograms of nanoseconds: exact below 256 ns, within 1/128 above. Longer durations than an hour count as an hour.</summary>
internal static class LatencyHistograms
{
    private const int SignificantDigits = 2;

    private static readonly long s_longest = (long)TimeSpan.FromHours(1).TotalNanoseconds;

    /// <summary>One thread may record while another adds the counts to a histogram of its own.</summary>
    public static HistogramBase Create() => new LongConcurrentHistogram(1, s_longest, SignificantDigits);

    public static void RecordLatency(this HistogramBase histogram, long nanoseconds) => histogram.RecordValue(Math.Clamp(nanoseconds, 0, s_longest));

    /// <summary>The counts of all as they are now.</summary>
    public static HistogramBase Sum(IEnumerable<HistogramBase> histograms)
    {
        var sum = new LongHistogram(s_longest, SignificantDigits);
        foreach (HistogramBase histogram in histograms)
        {
            sum.Add(histogram);
        }

        return sum;
    }

    /// <summary>What was recorded between two sums of the same histograms.</summary>
    public static HistogramBase Difference(HistogramBase after, HistogramBase before)
    {
        var difference = new LongHistogram(s_longest, SignificantDigits);
        foreach (HdrHistogram.Iteration.HistogramIterationValue bucket in after.RecordedValues())
        {
            long value = Math.Min(bucket.ValueIteratedTo, s_longest);
            difference.RecordValueWithCount(value, bucket.CountAtValueIteratedTo - before.GetCountAtValue(value));
        }

        return difference;
    }
}
