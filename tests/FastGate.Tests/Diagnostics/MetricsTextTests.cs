using System.Diagnostics.Metrics;
using FastGate.Diagnostics;
using FastGate.Testing;
using FastGate.Tests.Http;

namespace FastGate.Tests.Diagnostics;

/// <summary>The text that <c>GET /metrics</c> serves.</summary>
[Collection(nameof(MetricsTextTests))]
public sealed class MetricsTextTests : IAsyncLifetime, IAsyncDisposable
{
    private readonly HttpTestServer _server = new();
    private readonly GatewayMeter _gateway;

    private Meter Meter => _gateway.Meter;

    public MetricsTextTests() => _gateway = GatewayMeter.Create(_server.Meters);

    public Task InitializeAsync() => _server.StartAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    Task IAsyncLifetime.DisposeAsync() => DisposeAsync().AsTask();

    [Fact]
    public async Task Counters_add_up_by_tags_and_end_in_total()
    {
        Counter<long> counter = Meter.CreateCounter<long>("test.ended", "{connection}", "Ended connections.");
        counter.Add(1, new KeyValuePair<string, object?>("reason", "PeerClosed"));
        counter.Add(2, new KeyValuePair<string, object?>("reason", "PeerClosed"));
        counter.Add(5, new KeyValuePair<string, object?>("reason", ConnectionEndReason.IdleTimeout));

        PrometheusText text = await ScrapeAsync();

        Assert.Equal("counter", text.Types["test_ended_total"]);
        Assert.Equal("Ended connections.", text.Helps["test_ended_total"]);
        Assert.Equal(3, text["test_ended_total{reason=\"PeerClosed\"}"]);
        Assert.Equal(5, text["test_ended_total{reason=\"IdleTimeout\"}"]);
    }

    [Fact]
    public async Task Each_kind_has_its_type_and_unit()
    {
        Meter.CreateCounter<double>("test.a.time", "s").Add(0.5);
        UpDownCounter<int> open = Meter.CreateUpDownCounter<int>("test.b.open");
        open.Add(5);
        open.Add(-2);
        Meter.CreateObservableCounter("test.d.seen", static () => 7L);
        Meter.CreateObservableGauge("test.e.depth.bytes", static () => 1.5, "By");
        Meter.CreateObservableUpDownCounter("test.f.live", static () => (short)-1);

        PrometheusText text = await ScrapeAsync();

        Assert.Equal(0.5, text["test_a_time_seconds_total"]);
        Assert.Equal((3, "gauge"), (text["test_b_open"], text.Types["test_b_open"]));
        Assert.Equal((7, "counter"), (text["test_d_seen_total"], text.Types["test_d_seen_total"]));
        Assert.Equal(1.5, text["test_e_depth_bytes"]);
        Assert.Equal(-1, text["test_f_live"]);
    }

    [Fact]
    public async Task Histograms_of_seconds_have_cumulative_buckets_up_to_thirty_seconds()
    {
        Histogram<double> histogram = Meter.CreateHistogram<double>("test.x.wait", "s", "Wait.");
        foreach (double value in new[] { 0.0001, 0.1, 0.4, 20, 40 })
        {
            histogram.Record(value, new KeyValuePair<string, object?>("kind", "k"));
        }

        PrometheusText text = await ScrapeAsync();

        Assert.Equal("histogram", text.Types["test_x_wait_seconds"]);
        Assert.Equal(1, text["test_x_wait_seconds_bucket{kind=\"k\",le=\"0.0005\"}"]);
        Assert.Equal(2, text["test_x_wait_seconds_bucket{kind=\"k\",le=\"0.1\"}"]);
        Assert.Equal(3, text["test_x_wait_seconds_bucket{kind=\"k\",le=\"10\"}"]);
        Assert.Equal(4, text["test_x_wait_seconds_bucket{kind=\"k\",le=\"30\"}"]);
        Assert.Equal(5, text["test_x_wait_seconds_bucket{kind=\"k\",le=\"+Inf\"}"]);
        Assert.Equal(5, text["test_x_wait_seconds_count{kind=\"k\"}"]);
        Assert.Equal(60.5001, text["test_x_wait_seconds_sum{kind=\"k\"}"], 9);
    }

    [Fact]
    public async Task Label_values_are_escaped()
    {
        Meter.CreateCounter<long>("test.odd-name").Add(1, new KeyValuePair<string, object?>("odd.tag", "q\" b\\ n\n 中"));

        PrometheusText text = await ScrapeAsync();

        Assert.Equal(1, text["test_odd_name_total{odd_tag=\"q\\\" b\\\\ n\\n 中\"}"]);
    }

    [Fact]
    public async Task Failing_observable_costs_only_its_own_values_and_is_counted()
    {
        PrometheusText before = await ScrapeAsync();
        _gateway.CreateObservableGauge<int>("test.broken", (Func<int>)(static () => throw new InvalidOperationException("bug")));
        _gateway.CreateObservableGauge<int>("test.broken.list", BrokenList);
        Meter.CreateObservableGauge("test.whole", static () => 4);

        await ScrapeAsync();
        PrometheusText text = await ScrapeAsync();

        Assert.Equal(4, text["test_whole"]);
        Assert.DoesNotContain(text.Samples, static sample => sample.StartsWith("test_broken", StringComparison.Ordinal));
        Assert.InRange(text["fastgate_scrape_errors_total"], before["fastgate_scrape_errors_total"] + 2, double.MaxValue);

        static IEnumerable<Measurement<int>> BrokenList()
        {
            yield return new Measurement<int>(1);
            throw new InvalidOperationException("bug");
        }
    }

    [Fact]
    public async Task Unbounded_tag_values_share_one_series()
    {
        Counter<long> counter = Meter.CreateCounter<long>("fastgate.conversation.test");
        for (int i = 0; i < 2_000; i++)
        {
            counter.Add(1, new KeyValuePair<string, object?>("id", $"{i}"));
        }

        PrometheusText text = await ScrapeAsync();
        string[] samples = [.. text.Samples.Where(static sample => sample.StartsWith("fastgate_conversation_test", StringComparison.Ordinal))];

        Assert.InRange(samples.Length, 2, GatewayTelemetry.MaxSeries + 1);
        Assert.Equal(2_000, samples.Sum(sample => text[sample]));
    }

    [Fact]
    public async Task Instruments_of_other_meters_and_factories_are_not_served()
    {
        using var other = new Meter("Other");
        using var unrelated = new Meter(GatewayMeter.Name);
        other.CreateCounter<long>("test.other").Add(100);
        unrelated.CreateCounter<long>("test.same").Add(100);
        Meter.CreateCounter<long>("test.same").Add(1);

        PrometheusText text = await ScrapeAsync();

        Assert.Equal(1, text["test_same_total"]);
        Assert.DoesNotContain(text.Samples, static sample => sample.StartsWith("test_other", StringComparison.Ordinal));
    }

    [Fact]
    public async Task No_addition_is_lost_between_threads()
    {
        Counter<long> counter = Meter.CreateCounter<long>("test.race");
        Thread[] threads = [.. Enumerable.Range(0, 4).Select(_ => new Thread(() =>
        {
            for (int i = 0; i < 20_000; i++)
            {
                counter.Add(1);
            }
        }))];
        Array.ForEach(threads, static thread => thread.Start());
        Array.ForEach(threads, static thread => thread.Join());

        Assert.Equal(80_000, (await ScrapeAsync())["test_race_total"]);
    }

    [Fact]
    public void Measurement_of_a_known_series_allocates_nothing()
    {
        Counter<long> counter = Meter.CreateCounter<long>("test.hot");
        Histogram<double> histogram = Meter.CreateHistogram<double>("test.hot.wait", "s");
        var tag = new KeyValuePair<string, object?>("reason", "a");
        Assert.Equal(0, Allocations.Of(() =>
        {
            counter.Add(1, tag);
            histogram.Record(0.1, tag);
        }));
    }

    [Fact]
    public async Task Process_and_runtime_are_measured()
    {
        PrometheusText text = await ScrapeAsync();

        Assert.True(text["process_resident_memory_bytes"] > 1_000_000);
        Assert.True(text["process_start_time_seconds"] > 1_500_000_000);
        Assert.Contains("dotnet_gc_collections_total{generation=\"2\"}", text.Samples);
        Assert.Contains(text.Samples, static sample => sample.StartsWith("fastgate_build_info{", StringComparison.Ordinal) && sample.Contains("version=\"", StringComparison.Ordinal));
    }

    /// <summary>Prometheus asks for OpenMetrics by default. In that format every counter would have a <c>_created</c> series.</summary>
    [Fact]
    public async Task Plain_text_is_served_when_the_scraper_prefers_open_metrics()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/metrics");
        request.Headers.TryAddWithoutValidation("Accept", "application/openmetrics-text;version=1.0.0;q=0.9,text/plain;q=0.1");

        using HttpResponseMessage response = await _server.Admin.SendAsync(request);

        Assert.Equal("text/plain", response.Content.Headers.ContentType!.MediaType);
        Assert.DoesNotContain("_created", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true, "OTEL_EXPORTER_OTLP_ENDPOINT=http://collector:4317")]
    [InlineData(true, "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT=http://collector:4317")]
    [InlineData(false, "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT=http://collector:4317")]
    [InlineData(true, "OTEL_METRICS_EXPORTER=prometheus, otlp")]
    [InlineData(false, "OTEL_METRICS_EXPORTER=none", "OTEL_EXPORTER_OTLP_ENDPOINT=http://collector:4317")]
    [InlineData(false, "OTEL_SDK_DISABLED=true", "OTEL_EXPORTER_OTLP_ENDPOINT=http://collector:4317")]
    public void Standard_variables_turn_the_otlp_exporter_on(bool expected, params string[] variables)
    {
        Dictionary<string, string> values = variables.ToDictionary(static line => line.Split('=')[0], static line => line.Split('=')[1]);

        Assert.Equal(expected, new TelemetryExport().IsRequested("METRICS", enabled: true, values.GetValueOrDefault));
    }

    private async Task<PrometheusText> ScrapeAsync() => new(await _server.Admin.GetByteArrayAsync(new Uri("/metrics", UriKind.Relative)));
}
