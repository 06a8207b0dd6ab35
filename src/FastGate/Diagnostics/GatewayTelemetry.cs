using System.Diagnostics.Metrics;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace FastGate.Diagnostics;

/// <summary>
/// The one pipeline of metrics and traces: the OpenTelemetry SDK. Prometheus reads the metrics at <c>/metrics</c>; OTLP pushes both where the
/// standard <c>OTEL_*</c> variables ask for it. Create it before any instrument, because it does not see earlier measurements.
/// </summary>
internal sealed class GatewayTelemetry : IDisposable
{
    /// <summary>Series of an instrument whose tags are configured names; measurements with further tag values share one series.</summary>
    public const int MaxSeries = 500;

    /// <summary>The same where the tags are closed lists. The SDK reserves memory for all of them.</summary>
    private const int MaxSeriesOfLists = 64;

    private static readonly double[] s_seconds = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

    private readonly TracerProvider? _traces;
    private readonly ScrapeErrors _errors;

    /// <summary>Only instruments of this factory are exported: two gateways in one process do not add up.</summary>
    public GatewayTelemetry(IMeterFactory meters)
    {
        ResourceBuilder resource = ResourceBuilder.CreateDefault()
            .AddService("fastgate", serviceVersion: ProcessMetrics.Version)
            .AddEnvironmentVariableDetector();
        MeterProviderBuilder metrics = Sdk.CreateMeterProviderBuilder()
            .SetResourceBuilder(resource)
            .AddMeter(GatewayMeter.Name, ProcessMetrics.MeterName)
            .AddView(instrument => ReferenceEquals(instrument.Meter.Scope, meters) ? View(instrument) : MetricStreamConfiguration.Drop)
            .AddPrometheusExporter(static options =>
            {
                // The names and labels of the series are a contract: no labels besides the instruments' own.
                options.ScopeInfoEnabled = false;
                options.TargetInfoEnabled = false;
                options.ScrapeResponseCacheDurationMilliseconds = 0;
            });
        if (IsOtlpRequested("METRICS", Environment.GetEnvironmentVariable))
        {
            metrics.AddOtlpExporter();
        }

        Metrics = metrics.Build();
        ProcessMetrics.Create(meters);
        _errors = new ScrapeErrors(meters);
        if (IsOtlpRequested("TRACES", Environment.GetEnvironmentVariable))
        {
            _traces = Sdk.CreateTracerProviderBuilder().SetResourceBuilder(resource).AddSource(GatewayTracing.SourceName).AddOtlpExporter().Build();
        }
    }

    public MeterProvider Metrics { get; }

    public void Dispose()
    {
        _traces?.Dispose();
        Metrics.Dispose();
        _errors.Dispose();
    }

    /// <summary>Whether the standard variables name an OTLP endpoint or exporter for the signal, and none of them turns it off.</summary>
    internal static bool IsOtlpRequested(string signal, Func<string, string?> variable)
    {
        if (string.Equals(variable("OTEL_SDK_DISABLED"), "true", StringComparison.OrdinalIgnoreCase))
        {
            return false;
        }

        return variable($"OTEL_{signal}_EXPORTER") is { Length: > 0 } exporters
            ? exporters.Split(',', StringSplitOptions.TrimEntries).Contains("otlp")
            : variable("OTEL_EXPORTER_OTLP_ENDPOINT") is { Length: > 0 } || variable($"OTEL_EXPORTER_OTLP_{signal}_ENDPOINT") is { Length: > 0 };
    }

    private static MetricStreamConfiguration View(Instrument instrument)
    {
        int series = instrument.Name.StartsWith("fastgate.conversation.", StringComparison.Ordinal) ? MaxSeries : MaxSeriesOfLists;
        return instrument is Histogram<double>
            ? new ExplicitBucketHistogramConfiguration { Boundaries = s_seconds, CardinalityLimit = series }
            : new MetricStreamConfiguration { CardinalityLimit = series };
    }
}
