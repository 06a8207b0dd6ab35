using FastGate.LoadTest.Measure;
using FsCheck;
using FsCheck.Fluent;

namespace FastGate.LoadTest.Tests;

public class LatencyHistogramTests
{
    private static readonly double[] s_shares = [0, 0.001, 0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99, 0.999, 1];

    [Fact]
    public void Every_duration_falls_into_the_bucket_that_holds_it()
    {
        for (int shift = 0; shift < 41; shift++)
        {
            foreach (long near in (long[])[-1, 0, 1, 17])
            {
                long value = Math.Max(0, (1L << shift) + near);
                int index = LatencyHistogram.IndexOf(value);
                Assert.InRange(value, index == 0 ? 0 : LatencyHistogram.HighestOf(index - 1) + 1, LatencyHistogram.HighestOf(index));
            }
        }
    }

    [Fact]
    public void Buckets_follow_each_other_without_gap_to_the_last()
    {
        for (int index = 0; index < LatencyHistogram.BucketCount - 1; index++)
        {
            Assert.Equal(index, LatencyHistogram.IndexOf(LatencyHistogram.HighestOf(index)));
            Assert.Equal(index + 1, LatencyHistogram.IndexOf(LatencyHistogram.HighestOf(index) + 1));
        }

        Assert.Equal(LatencyHistogram.BucketCount - 1, LatencyHistogram.IndexOf(long.MaxValue));
    }

    [Fact]
    public void Small_durations_are_exact()
    {
        var histogram = new LatencyHistogram();
        for (int value = 1; value <= 200; value++)
        {
            histogram.Record(value);
        }

        Assert.Equal(100, histogram.Percentile(0.5));
        Assert.Equal(198, histogram.Percentile(0.99));
        Assert.Equal(200, histogram.Percentile(1));
        Assert.Equal(1, histogram.Percentile(0));
        Assert.Equal(100.5, histogram.Mean);
    }

    [Fact]
    public void Percentiles_equal_those_of_the_sorted_list_within_the_bucket() =>
        Prop.ForAll(ArbMap.Default.GeneratorFor<uint>().Select(value => (long)value * (value % 7 == 0 ? 1000 : 1)).NonEmptyListOf().ToArbitrary(), values =>
        {
            var histogram = new LatencyHistogram();
            foreach (long value in values)
            {
                histogram.Record(value);
            }

            long[] sorted = [.. values.Order()];
            Assert.Equal(sorted[0], histogram.Min);
            Assert.Equal(sorted[^1], histogram.Max);
            Assert.Equal(sorted[^1], histogram.Percentile(1));
            foreach (double share in s_shares)
            {
                long exact = sorted[Math.Max(0, (int)Math.Ceiling(share * sorted.Length) - 1)];
                long told = histogram.Percentile(share);
                Assert.InRange(told, exact, exact + (exact / 128));
            }
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_sum_of_histograms_is_the_histogram_of_all()
    {
        var random = new Random(3);
        var all = new LatencyHistogram();
        LatencyHistogram[] parts = [new(), new(), new()];
        for (int i = 0; i < 10_000; i++)
        {
            long value = random.NextInt64(1, 5_000_000_000);
            all.Record(value);
            parts[i % 3].Record(value);
        }

        var sum = new LatencyHistogram();
        foreach (LatencyHistogram part in parts)
        {
            sum.Add(part);
        }

        Assert.Equal((all.Count, all.Min, all.Max, all.Mean), (sum.Count, sum.Min, sum.Max, sum.Mean));
        Assert.All(s_shares, share => Assert.Equal(all.Percentile(share), sum.Percentile(share)));
    }

    [Fact]
    public void What_an_interval_brought_is_the_difference_of_counts()
    {
        var histogram = new LatencyHistogram();
        long[] before = new long[LatencyHistogram.BucketCount];
        long[] after = new long[LatencyHistogram.BucketCount];
        histogram.Record(5_000_000);
        histogram.AddCountsTo(before);
        histogram.Record(100);
        histogram.Record(120);
        histogram.AddCountsTo(after);
        long[] interval = [.. after.Zip(before, (now, then) => now - then)];
        Assert.Equal(100, LatencyHistogram.PercentileOf(interval, 0.5));
        Assert.Equal(120, LatencyHistogram.PercentileOf(interval, 1));
    }

    [Fact]
    public void Recording_allocates_nothing()
    {
        var histogram = new LatencyHistogram();
        histogram.Record(1);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++)
        {
            histogram.Record(i * 1_000_003L);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void An_empty_one_says_nothing()
    {
        var histogram = new LatencyHistogram();
        Assert.Equal((0L, 0L, 0L, 0L, 0d), (histogram.Count, histogram.Min, histogram.Max, histogram.Percentile(0.99), histogram.Mean));
    }
}
