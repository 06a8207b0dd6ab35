using FastGate.LoadTest.Measure;
using FastGate.LoadTest.Reports;
using FastGate.Testing;
using HdrHistogram;

namespace FastGate.LoadTest.Tests;

public class LatencyReportTests
{
    [Fact]
    public void Percentiles_are_those_of_the_sorted_values_within_a_bucket()
    {
        var report = LatencyReport.Of("ping", Histogram(Enumerable.Range(1, 1_000).Select(i => i * 1_000_000L)));
        Assert.Equal(("ping", 1_000), (report.Name, report.Count));
        AssertWithinBucket(1, report.MinMs);
        AssertWithinBucket(500, report.P50Ms);
        AssertWithinBucket(900, report.P90Ms);
        AssertWithinBucket(990, report.P99Ms);
        AssertWithinBucket(999, report.P999Ms);
        AssertWithinBucket(1_000, report.MaxMs);
        Assert.InRange(report.MeanMs, 495, 506);
    }

    [Fact]
    public void Report_without_values_is_zero() =>
        Assert.Equal(new LatencyReport("ping", 0, 0, 0, 0, 0, 0, 0, 0), LatencyReport.Of("ping", LatencyHistograms.Create()));

    [Fact]
    public void Values_outside_the_range_count_as_its_ends()
    {
        HistogramBase histogram = Histogram([-5, long.MaxValue]);
        var report = LatencyReport.Of("ping", histogram);
        Assert.Equal((2, 0), (report.Count, report.MinMs));
        AssertWithinBucket(TimeSpan.FromHours(1).TotalMilliseconds, report.MaxMs);
        Assert.Equal(2, LatencyHistograms.Difference(histogram, LatencyHistograms.Create()).TotalCount);
    }

    [Fact]
    public void Difference_of_two_sums_is_what_was_recorded_between_them()
    {
        HistogramBase[] live = [Histogram([5_000_000, 120]), Histogram([70])];
        HistogramBase before = LatencyHistograms.Sum(live);
        live[0].RecordLatency(100);
        live[1].RecordLatency(120);
        HistogramBase difference = LatencyHistograms.Difference(LatencyHistograms.Sum(live), before);
        Assert.Equal((2, 100, 120), (difference.TotalCount, difference.GetValueAtPercentile(50), difference.GetMaxValue()));
    }

    [Fact]
    public void Recording_allocates_nothing()
    {
        HistogramBase histogram = Histogram([1]);
        long latency = 0;
        Assert.Equal(0, Allocations.Of(() => histogram.RecordLatency(latency += 1_000_003L)));
    }

    private static HistogramBase Histogram(IEnumerable<long> values)
    {
        HistogramBase histogram = LatencyHistograms.Create();
        foreach (long value in values)
        {
            histogram.RecordLatency(value);
        }

        return histogram;
    }

    private static void AssertWithinBucket(double expectedMs, double actualMs) => Assert.InRange(actualMs, expectedMs * 127 / 128, expectedMs * 129 / 128);
}
