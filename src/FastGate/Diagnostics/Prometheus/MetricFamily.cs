using System.Diagnostics.Metrics;

namespace FastGate.Diagnostics.Prometheus;

/// <summary>
/// One instrument and its series. Readers and writers share an array that is only ever replaced, under a lock that a new set of
/// tags takes once in its life; finding a known set allocates nothing.
/// </summary>
internal sealed class MetricFamily
{
    /// <summary>Tags are enums by rule of the house; should one not be, its values share one series from here on.</summary>
    public const int MaxSeries = 500;

    private static readonly KeyValuePair<string, object?>[] s_overflow = [new("overflow", "true")];

    private readonly Lock _adding = new();
    private volatile MetricSeries[] _series = [];
    private long _scrape;

    public MetricFamily(Instrument instrument)
    {
        Type type = instrument.GetType();
        Type definition = type.GetGenericTypeDefinition();
        Type value = type.GetGenericArguments()[0];
        IsFloat = value == typeof(double) || value == typeof(float) || value == typeof(decimal);
        Kind = definition == typeof(Counter<>) || definition == typeof(ObservableCounter<>) ? MetricKind.Counter
            : definition == typeof(Histogram<>) ? MetricKind.Histogram
            : MetricKind.Gauge;
        ReportsValues = instrument.IsObservable || definition == typeof(Gauge<>);
        Ages = instrument.IsObservable;
        Name = PrometheusNames.Metric(instrument.Name, instrument.Unit, Kind);
        Help = instrument.Description ?? "";
        Bounds = Kind == MetricKind.Histogram ? HistogramBounds.Of(instrument) : [];
    }

    public string Name { get; }

    public string Help { get; }

    public MetricKind Kind { get; }

    public bool IsFloat { get; }

    public double[] Bounds { get; }

    /// <summary>A measurement is the value, not a change of it.</summary>
    public bool ReportsValues { get; }

    /// <summary>What a scrape does not report any more is gone.</summary>
    public bool Ages { get; }

    /// <summary>The series to show: all, or those the scrape at hand has seen.</summary>
    public IEnumerable<MetricSeries> Shown => Ages ? _series.Where(series => series.LastScrape == _scrape) : _series;

    public void BeginScrape(long scrape) => _scrape = scrape;

    public void Record(long value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        MetricSeries series = Find(tags);
        if (Kind == MetricKind.Histogram)
        {
            series.Observe(value);
        }
        else if (ReportsValues)
        {
            series.Set(value);
        }
        else
        {
            series.Add(value);
        }
    }

    public void Record(double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        MetricSeries series = Find(tags);
        if (Kind == MetricKind.Histogram)
        {
            series.Observe(value);
        }
        else if (ReportsValues)
        {
            series.Set(value);
        }
        else
        {
            series.Add(value);
        }
    }

    private MetricSeries Find(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        foreach (MetricSeries series in _series)
        {
            if (series.Matches(tags))
            {
                series.LastScrape = _scrape;
                return series;
            }
        }

        return Add(tags);
    }

    private MetricSeries Add(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        lock (_adding)
        {
            ReadOnlySpan<KeyValuePair<string, object?>> wanted = _series.Length < MaxSeries - 1 ? tags : s_overflow;
            foreach (MetricSeries known in _series)
            {
                if (known.Matches(wanted))
                {
                    known.LastScrape = _scrape;
                    return known;
                }
            }

            var series = new MetricSeries(wanted, Bounds) { LastScrape = _scrape };
            _series = [.. _series, series];
            return series;
        }
    }
}
