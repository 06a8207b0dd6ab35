using System.Diagnostics.Metrics;
using FastGate.Diagnostics;
using FastGate.Diagnostics.Prometheus;
using Microsoft.Extensions.DependencyInjection;

namespace FastGate.Tests.Diagnostics;

public sealed class PrometheusExporterTests : IDisposable
{
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly PrometheusExporter _exporter;
    private readonly Meter _meter;

    public PrometheusExporterTests()
    {
        IMeterFactory factory = _services.GetRequiredService<IMeterFactory>();
        _exporter = new PrometheusExporter(factory);
        _meter = GatewayMeter.Create(factory);
    }

    public void Dispose()
    {
        _exporter.Dispose();
        _services.Dispose();
    }

    [Fact]
    public void Counters_add_up_by_tags_and_end_in_total()
    {
        Counter<long> counter = _meter.CreateCounter<long>("fastgate.connections.ended", "{connection}", "Ended connections.");
        counter.Add(1, new KeyValuePair<string, object?>("reason", "PeerClosed"));
        counter.Add(2, new KeyValuePair<string, object?>("reason", "PeerClosed"));
        counter.Add(5, new KeyValuePair<string, object?>("reason", ConnectionEndReason.IdleTimeout));

        PrometheusText text = Scrape();

        Assert.Equal("counter", text.Types["fastgate_connections_ended_total"]);
        Assert.Equal("Ended connections.", text.Helps["fastgate_connections_ended_total"]);
        Assert.Equal(3, text["fastgate_connections_ended_total{reason=\"PeerClosed\"}"]);
        Assert.Equal(5, text["fastgate_connections_ended_total{reason=\"IdleTimeout\"}"]);
    }

    [Fact]
    public void Every_kind_has_its_type_and_unit()
    {
        _meter.CreateCounter<double>("fastgate.a.time", "s").Add(0.5);
        _meter.CreateCounter<int>("fastgate.a.bytes.total", "By").Add(3);
        UpDownCounter<int> open = _meter.CreateUpDownCounter<int>("fastgate.b.open");
        open.Add(5);
        open.Add(-2);
        Gauge<double> gauge = _meter.CreateGauge<double>("fastgate.c.load", "1");
        gauge.Record(0.25);
        gauge.Record(0.75);
        _meter.CreateObservableCounter("fastgate.d.seen", static () => 7L);
        _meter.CreateObservableGauge("fastgate.e.depth", static () => 1.5);
        _meter.CreateObservableUpDownCounter("fastgate.f.live", static () => (short)-1);

        PrometheusText text = Scrape();

        Assert.Equal(0.5, text["fastgate_a_time_seconds_total"]);
        Assert.Equal(3, text["fastgate_a_bytes_total"]);
        Assert.Equal((3, "gauge"), (text["fastgate_b_open"], text.Types["fastgate_b_open"]));
        Assert.Equal(0.75, text["fastgate_c_load_ratio"]);
        Assert.Equal((7, "counter"), (text["fastgate_d_seen_total"], text.Types["fastgate_d_seen_total"]));
        Assert.Equal(1.5, text["fastgate_e_depth"]);
        Assert.Equal(-1, text["fastgate_f_live"]);
    }

    [Fact]
    public void Histograms_have_cumulative_buckets_of_their_advice()
    {
        Histogram<double> histogram = _meter.CreateHistogram(
            "fastgate.x.wait", "s", "Wait.", null, new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.1, 1] });
        foreach (double value in new[] { 0.05, 0.1, 0.5, 2, 3 })
        {
            histogram.Record(value, new KeyValuePair<string, object?>("kind", "k"));
        }

        _meter.CreateHistogram<long>("fastgate.y.size", "By").Record(100);

        PrometheusText text = Scrape();

        Assert.Equal("histogram", text.Types["fastgate_x_wait_seconds"]);
        Assert.Equal(2, text["fastgate_x_wait_seconds_bucket{kind=\"k\",le=\"0.1\"}"]);
        Assert.Equal(3, text["fastgate_x_wait_seconds_bucket{kind=\"k\",le=\"1\"}"]);
        Assert.Equal(5, text["fastgate_x_wait_seconds_bucket{kind=\"k\",le=\"+Inf\"}"]);
        Assert.Equal(5, text["fastgate_x_wait_seconds_count{kind=\"k\"}"]);
        Assert.Equal(5.65, text["fastgate_x_wait_seconds_sum{kind=\"k\"}"], 9);
        Assert.Equal(0, text["fastgate_y_size_bytes_bucket{le=\"64\"}"]);
        Assert.Equal(1, text["fastgate_y_size_bytes_bucket{le=\"256\"}"]);
    }

    [Fact]
    public void Names_labels_and_helps_are_escaped()
    {
        Counter<long> counter = _meter.CreateCounter<long>("fastgate.odd-name", null, "a \\ b\nc");
        counter.Add(1, new KeyValuePair<string, object?>("odd.tag", "q\" b\\ n\n 中"), new KeyValuePair<string, object?>("flag", true));
        counter.Add(1, new KeyValuePair<string, object?>("odd.tag", null), new KeyValuePair<string, object?>("flag", false));

        PrometheusText text = Scrape();

        Assert.Equal("a \\\\ b\\nc", text.Helps["fastgate_odd_name_total"]);
        Assert.Equal(1, text["fastgate_odd_name_total{odd_tag=\"q\\\" b\\\\ n\\n 中\",flag=\"true\"}"]);
        Assert.Equal(1, text["fastgate_odd_name_total{odd_tag=\"\",flag=\"false\"}"]);
    }

    [Fact]
    public void What_an_observable_no_longer_reports_is_gone()
    {
        int scrape = 0;
        _meter.CreateObservableGauge("fastgate.z.queue", () => scrape++ == 0
            ? [new Measurement<int>(1, new KeyValuePair<string, object?>("q", "a")), new Measurement<int>(2, new KeyValuePair<string, object?>("q", "b"))]
            : new[] { new Measurement<int>(3, new KeyValuePair<string, object?>("q", "b")) });

        Assert.Equal(2, Scrape().Samples.Count(static sample => sample.StartsWith("fastgate_z_queue", StringComparison.Ordinal)));
        PrometheusText text = Scrape();

        Assert.DoesNotContain("fastgate_z_queue{q=\"a\"}", text.Samples);
        Assert.Equal(3, text["fastgate_z_queue{q=\"b\"}"]);
    }

    [Fact]
    public void A_failing_observable_costs_only_itself()
    {
        _meter.CreateObservableGauge<int>("fastgate.broken", (Func<int>)(static () => throw new InvalidOperationException("bug")));
        _meter.CreateObservableGauge("fastgate.whole", static () => 4);

        PrometheusText text = Scrape();

        Assert.Equal(4, text["fastgate_whole"]);
        Assert.Equal(1, text["fastgate_scrape_errors_total"]);
    }

    [Fact]
    public void Instruments_of_one_name_are_one_metric_and_strangers_are_not_heard()
    {
        using var stranger = new Meter(GatewayMeter.Name);
        stranger.CreateCounter<long>("fastgate.same").Add(100);
        using var other = new Meter("Other");
        other.CreateCounter<long>("other.same").Add(100);
        using var twin = new Meter(new MeterOptions(GatewayMeter.Name) { Scope = _services.GetRequiredService<IMeterFactory>(), Version = "2" });
        _meter.CreateCounter<long>("fastgate.same").Add(1);
        twin.CreateCounter<long>("fastgate.same").Add(2);
        twin.CreateHistogram<long>("fastgate.same.total").Record(2);

        PrometheusText text = Scrape();

        Assert.Equal(3, text["fastgate_same_total"]);
        Assert.DoesNotContain(text.Samples, static sample => sample.StartsWith("other", StringComparison.Ordinal));
    }

    [Fact]
    public void Tags_without_end_share_one_series()
    {
        Counter<long> counter = _meter.CreateCounter<long>("fastgate.many");
        for (int i = 0; i < 2_000; i++)
        {
            counter.Add(1, new KeyValuePair<string, object?>("id", $"{i}"));
        }

        PrometheusText text = Scrape();
        string[] samples = [.. text.Samples.Where(static sample => sample.StartsWith("fastgate_many", StringComparison.Ordinal))];

        Assert.Equal(MetricFamily.MaxSeries, samples.Length);
        Assert.Equal(2_000 - (MetricFamily.MaxSeries - 1), text["fastgate_many_total{overflow=\"true\"}"]);
    }

    [Fact]
    public void No_addition_is_lost_between_threads()
    {
        Counter<long> whole = _meter.CreateCounter<long>("fastgate.race");
        Counter<double> fractions = _meter.CreateCounter<double>("fastgate.race.time", "s");
        Thread[] threads = [.. Enumerable.Range(0, 4).Select(_ => new Thread(() =>
        {
            for (int i = 0; i < 20_000; i++)
            {
                whole.Add(1);
                fractions.Add(0.5);
            }
        }))];
        Array.ForEach(threads, static thread => thread.Start());
        Array.ForEach(threads, static thread => thread.Join());

        PrometheusText text = Scrape();

        Assert.Equal(80_000, text["fastgate_race_total"]);
        Assert.Equal(40_000, text["fastgate_race_time_seconds_total"]);
    }

    [Fact]
    public void A_measurement_of_a_known_series_allocates_nothing()
    {
        Counter<long> counter = _meter.CreateCounter<long>("fastgate.hot");
        Histogram<double> histogram = _meter.CreateHistogram<double>("fastgate.hot.wait", "s");
        var tag = new KeyValuePair<string, object?>("reason", "a");
        counter.Add(1, tag);
        histogram.Record(0.1, tag);

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 100; i++)
        {
            counter.Add(1, tag);
            histogram.Record(0.1, tag);
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    [Fact]
    public void The_process_speaks_for_itself()
    {
        PrometheusText text = Scrape();

        Assert.True(text["process_resident_memory_bytes"] > 1_000_000);
        Assert.True(text["process_start_time_seconds"] > 1_500_000_000);
        Assert.Contains("dotnet_gc_collections_total{generation=\"2\"}", text.Samples);
        Assert.Contains(text.Samples, static sample => sample.StartsWith("fastgate_build_info{version=\"", StringComparison.Ordinal));
    }

    private PrometheusText Scrape() => new(_exporter.Write());
}
