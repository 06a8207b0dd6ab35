using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;

namespace FastGate.Diagnostics.Prometheus;

/// <summary>
/// Keeps the sums of the gateway's instruments and writes them as Prometheus text. Make it before the first measurement: a
/// listener does not learn of what went before. Measurements come from any thread and neither lock nor allocate once a set of tags
/// has been seen; scrapes run one after the other.
/// </summary>
internal sealed class PrometheusExporter : IDisposable
{
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    private readonly Lock _gate = new();
    private readonly SortedDictionary<string, MetricFamily> _families = new(StringComparer.Ordinal);
    private readonly MeterListener _listener = new();
    private readonly IMeterFactory? _factory;
    private long _scrapes;
    private long _scrapeErrors;

    /// <summary>With a factory, only its meters are heard: two gateways in one process do not add up.</summary>
    public PrometheusExporter(IMeterFactory? factory = null)
    {
        _factory = factory;
        _listener.InstrumentPublished = OnPublished;
        _listener.SetMeasurementEventCallback<long>(static (_, value, tags, state) => ((MetricFamily)state!).Record(value, tags));
        _listener.SetMeasurementEventCallback<int>(static (_, value, tags, state) => ((MetricFamily)state!).Record((long)value, tags));
        _listener.SetMeasurementEventCallback<short>(static (_, value, tags, state) => ((MetricFamily)state!).Record((long)value, tags));
        _listener.SetMeasurementEventCallback<byte>(static (_, value, tags, state) => ((MetricFamily)state!).Record((long)value, tags));
        _listener.SetMeasurementEventCallback<double>(static (_, value, tags, state) => ((MetricFamily)state!).Record(value, tags));
        _listener.SetMeasurementEventCallback<float>(static (_, value, tags, state) => ((MetricFamily)state!).Record((double)value, tags));
        _listener.SetMeasurementEventCallback<decimal>(static (_, value, tags, state) => ((MetricFamily)state!).Record((double)value, tags));
        _listener.Start();
    }

    /// <summary>Everything there is, as UTF-8 text of format 0.0.4.</summary>
    public byte[] Write()
    {
        lock (_gate)
        {
            long scrape = ++_scrapes;
            foreach (MetricFamily family in _families.Values)
            {
                family.BeginScrape(scrape);
            }

            try
            {
                _listener.RecordObservableInstruments();
            }
            catch (AggregateException)
            {
                // One observable's bug costs its own values; all the others have been asked by now.
                _scrapeErrors++;
            }

            var text = new StringBuilder(8 * 1024);
            foreach (MetricFamily family in _families.Values)
            {
                Append(text, family);
            }

            PrometheusProcess.Append(text);
            PrometheusProcess.Append(text, "fastgate_scrape_errors_total", "counter", "Scrapes in which an instrument failed.", _scrapeErrors);
            return Encoding.UTF8.GetBytes(text.ToString());
        }
    }

    public void Dispose() => _listener.Dispose();

    private void OnPublished(Instrument instrument, MeterListener listener)
    {
        if (instrument.Meter.Name != GatewayMeter.Name || (_factory is not null && !ReferenceEquals(instrument.Meter.Scope, _factory)))
        {
            return;
        }

        MetricFamily? family = new(instrument);
        lock (_gate)
        {
            // Two instruments of one name are one metric to whoever reads the text, if they are of one kind.
            if (!_families.TryAdd(family.Name, family))
            {
                MetricFamily known = _families[family.Name];
                family = known.Kind == family.Kind && known.IsFloat == family.IsFloat && known.ReportsValues == family.ReportsValues ? known : null;
            }
        }

        if (family is not null)
        {
            listener.EnableMeasurementEvents(instrument, family);
        }
    }

    private static void Append(StringBuilder text, MetricFamily family)
    {
        bool first = true;
        foreach (MetricSeries series in family.Shown)
        {
            if (first)
            {
                PrometheusProcess.AppendHead(text, family.Name, TypeName(family.Kind), family.Help);
                first = false;
            }

            string labels = Labels(series.Tags);
            if (family.Kind == MetricKind.Histogram)
            {
                AppendHistogram(text, family, series, labels);
            }
            else
            {
                AppendSample(text, family.Name, labels, series.Read(family.IsFloat));
            }
        }
    }

    private static void AppendHistogram(StringBuilder text, MetricFamily family, MetricSeries series, string labels)
    {
        long[] buckets = new long[family.Bounds.Length + 1];
        double sum = series.ReadHistogram(buckets);
        long below = 0;
        string comma = labels.Length > 0 ? "," : "";
        for (int i = 0; i < buckets.Length; i++)
        {
            below += buckets[i];
            string bound = PrometheusNames.Value(i < family.Bounds.Length ? family.Bounds[i] : double.PositiveInfinity);
            AppendSample(text, family.Name + "_bucket", $"{labels}{comma}le=\"{bound}\"", below);
        }

        AppendSample(text, family.Name + "_sum", labels, sum);

        // The count is the last bucket by definition; measurements go on while we read.
        AppendSample(text, family.Name + "_count", labels, below);
    }

    private static void AppendSample(StringBuilder text, string name, string labels, double value)
    {
        text.Append(name);
        if (labels.Length > 0)
        {
            text.Append('{').Append(labels).Append('}');
        }

        text.Append(' ').Append(PrometheusNames.Value(value)).Append('\n');
    }

    private static string Labels(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var text = new StringBuilder();
        foreach ((string name, object? value) in tags)
        {
            text.Append(text.Length > 0 ? "," : "").Append(PrometheusNames.Label(name)).Append("=\"");
            PrometheusNames.AppendLabelValue(text, value is bool flag ? (flag ? "true" : "false") : Convert.ToString(value, CultureInfo.InvariantCulture) ?? "");
            text.Append('"');
        }

        return text.ToString();
    }

    private static string TypeName(MetricKind kind) => kind switch
    {
        MetricKind.Counter => "counter",
        MetricKind.Histogram => "histogram",
        _ => "gauge",
    };
}
