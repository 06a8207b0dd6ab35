namespace FastGate.Diagnostics.Prometheus;

/// <summary>The types of the Prometheus text format that instruments become.</summary>
internal enum MetricKind
{
    Counter,
    Gauge,
    Histogram,
}
