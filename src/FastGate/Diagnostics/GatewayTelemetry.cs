using System.Diagnostics;
using System.Diagnostics.Metrics;
using FastGate.Transport.Diagnostics;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace FastGate.Diagnostics;

/// <summary>
/// The one pipeline of metrics and traces: the OpenTelemetry SDK. Prometheus reads the metrics at <c>/metrics</c>; both are pushed by OTLP where the
/// standard <c>OTEL_EXPORTER_OTLP_*</c> variables name an endpoint. Create it before any instrument, because it does not see earlier measurements.
/// </summary>
internal sealed class GatewayTelemetry : IDisposable
{
    /// <summary>Starts spans. Without a subscriber a span costs one check.</summary>
    public static readonly ActivitySource Source = new(GatewayMeter.Name);

    private static readonly double[] s_seconds = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

    private readonly TracerProvider? _traces;
    private readonly Counter<long> _scrapeErrors;

    public GatewayTelemetry(IMeterFactory meters)
    {
        ResourceBuilder resource = ResourceBuilder.CreateDefault().AddService("fastgate", serviceVersion: ProcessMetrics.Version);
        MeterProviderBuilder metrics = Sdk.CreateMeterProviderBuilder()
            .SetResourceBuilder(resource)
            .AddMeter(GatewayMeter.Name, ProcessMetrics.MeterName)
            .AddView(static instrument => instrument is Histogram<double> ? new ExplicitBucketHistogramConfiguration { Boundaries = s_seconds } : null)
            .AddPrometheusExporter(static options =>
            {
                // The names and labels of the series are a contract: no labels besides the instruments' own.
                options.ScopeInfoEnabled = false;
                options.TargetInfoEnabled = false;
                options.ScrapeResponseCacheDurationMilliseconds = 0;
            });
        if (IsOtlpConfigured("METRICS"))
        {
            metrics.AddOtlpExporter();
        }

        Metrics = metrics.Build();
        ProcessMetrics.Create(meters);
        _scrapeErrors = meters.Create(ProcessMetrics.MeterName)
            .CreateCounterAtZero("fastgate_scrape_errors", "", "Requests for the metrics that were not answered with all of them.");
        if (IsOtlpConfigured("TRACES"))
        {
            _traces = Sdk.CreateTracerProviderBuilder().SetResourceBuilder(resource).AddSource(Source.Name).AddOtlpExporter().Build();
        }
    }

    public MeterProvider Metrics { get; }

    public void ScrapeFailed() => _scrapeErrors.Add(1);

    public void Dispose()
    {
        _traces?.Dispose();
        Metrics.Dispose();
    }

    private static bool IsOtlpConfigured(string signal) =>
        Environment.GetEnvironmentVariable("OTEL_EXPORTER_OTLP_ENDPOINT") is { Length: > 0 }
        || Environment.GetEnvironmentVariable($"OTEL_EXPORTER_OTLP_{signal}_ENDPOINT") is { Length: > 0 };
}
