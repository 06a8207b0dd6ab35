using System.Diagnostics.Metrics;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace FastGate.Diagnostics;

/// <summary>
/// The one pipeline of metrics, traces and exported logs: the OpenTelemetry SDK. Prometheus reads the metrics at <c>/metrics</c>; OTLP pushes the three
/// where the options or the standard <c>OTEL_*</c> variables ask for it. Create it before any instrument, because it does not see earlier measurements.
/// </summary>
internal sealed class GatewayTelemetry : IDisposable
{
    /// <summary>Series of an instrument whose tags are configured names; measurements with further tag values share one series.</summary>
    public const int MaxSeries = 500;

    /// <summary>The same where the tags are closed lists. The SDK reserves memory for all of them.</summary>
    private const int MaxSeriesOfLists = 64;

    private static readonly double[] s_seconds = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

    private readonly TracerProvider? _traces;
    private readonly bool _pushesMetrics;

    /// <summary>Only instruments of this factory are exported: two gateways in one process do not add up.</summary>
    public GatewayTelemetry(IMeterFactory meters, TelemetryExport? export = null, ILoggerFactory? logs = null)
    {
        export ??= new TelemetryExport();
        _pushesMetrics = export.IsRequested("METRICS", export.Metrics, Environment.GetEnvironmentVariable);
        MeterProviderBuilder metrics = Sdk.CreateMeterProviderBuilder()
            .SetResourceBuilder(_pushesMetrics ? Resource() : ResourceBuilder.CreateEmpty())
            .AddMeter(GatewayMeter.Name, ProcessMetrics.MeterName)
            .AddView(instrument => ReferenceEquals(instrument.Meter.Scope, meters) ? View(instrument) : MetricStreamConfiguration.Drop)
            .AddPrometheusExporter(static options =>
            {
                // The names and labels of the series are a contract: no labels besides the instruments' own.
                options.ScopeInfoEnabled = false;
                options.TargetInfoEnabled = false;
                options.ScrapeResponseCacheDurationMilliseconds = 0;
            });
        ExportFailures? failures = logs is null ? null : new ExportFailures(logs.CreateLogger<GatewayTelemetry>(), TimeProvider.System);
        if (_pushesMetrics)
        {
            Push(metrics, export, failures);
        }

        Metrics = metrics.Build();
        ProcessMetrics.Create(meters);
        if (export.IsRequested("TRACES", export.Traces, Environment.GetEnvironmentVariable))
        {
            _traces = Traces(export, failures);
        }

        if (logs is not null && export.IsRequested("LOGS", export.Logs, Environment.GetEnvironmentVariable))
        {
            Logs = new ExportedLog(export, Resource(), failures);
        }
    }

    public MeterProvider Metrics { get; }

    /// <summary>The log's way to the collector, for the logger factory, which then owns it; null without one.</summary>
    public ExportedLog? Logs { get; }

    /// <summary>Sends what is waiting, for a process that is about to be replaced.</summary>
    public void Flush(int milliseconds)
    {
        _traces?.ForceFlush(milliseconds);
        Logs?.Flush(milliseconds);
        if (_pushesMetrics)
        {
            Metrics.ForceFlush(milliseconds);
        }
    }

    public void Dispose()
    {
        _traces?.Dispose();
        Metrics.Dispose();
    }

    /// <summary>A method of its own: a server that pushes nothing does not load the exporter.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Push(MeterProviderBuilder metrics, TelemetryExport export, ExportFailures? failures) =>
        metrics.AddOtlpExporter(otlp => export.Apply(otlp, "/v1/metrics", failures));

    private static TracerProvider Traces(TelemetryExport export, ExportFailures? failures)
    {
        TracerProviderBuilder traces = Sdk.CreateTracerProviderBuilder()
            .SetResourceBuilder(Resource())
            .AddSource(GatewayTracing.SourceName)
            .AddOtlpExporter(otlp => export.Apply(otlp, "/v1/traces", failures));
        if (export.TraceOneIn > 0)
        {
            // The parts of a turn follow their turn.
            traces.SetSampler(new ParentBasedSampler(new TraceIdRatioBasedSampler(1.0 / export.TraceOneIn)));
        }

        return traces.Build();
    }

    /// <summary>Describes this process to a collector. Prometheus gets none of it, so a server that pushes nothing does not create it: it takes 4 % of a start.</summary>
    private static ResourceBuilder Resource() => ResourceBuilder.CreateDefault()
        .AddService("fastgate", serviceVersion: ProcessMetrics.Version)
        .AddAttributes([new KeyValuePair<string, object>("host.name", Environment.MachineName)])
        .AddEnvironmentVariableDetector();

    private static MetricStreamConfiguration View(Instrument instrument)
    {
        int series = instrument.Name.StartsWith("fastgate.conversation.", StringComparison.Ordinal) ? MaxSeries : MaxSeriesOfLists;
        return instrument is Histogram<double>
            ? new ExplicitBucketHistogramConfiguration { Boundaries = s_seconds, CardinalityLimit = series }
            : new MetricStreamConfiguration { CardinalityLimit = series };
    }
}
