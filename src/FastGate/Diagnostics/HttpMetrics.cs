using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace FastGate.Diagnostics;

/// <summary>Instruments of the HTTP listeners.</summary>
internal sealed class HttpMetrics
{
    private readonly ConcurrentDictionary<string, Func<int>> _open = new(StringComparer.Ordinal);
    private readonly Counter<long> _evicted;
    private readonly Counter<long> _acceptErrors;

    public HttpMetrics(IMeterFactory factory)
    {
        var meter = GatewayMeter.Create(factory);
        meter.CreateObservableGauge(
            "fastgate.http.connections",
            () => _open.Select(static listener => new Measurement<int>(listener.Value(), Tag(listener.Key))),
            description: "Open connections of the HTTP listeners");
        _evicted = meter.CreateCounter<long>("fastgate.http.evicted", description: "Idle HTTP connections closed at the limit for a new one");
        _acceptErrors = meter.CreateCounter<long>("fastgate.http.accept_errors", description: "Failed accepts of HTTP listeners that were followed by a pause");
    }

    public void Observe(string listener, Func<int> open)
    {
        _open[listener] = open;

        // The series exist before their first event.
        _evicted.Add(0, Tag(listener));
        _acceptErrors.Add(0, Tag(listener));
    }

    public void Evicted(string listener) => _evicted.Add(1, Tag(listener));

    public void AcceptFailed(string listener) => _acceptErrors.Add(1, Tag(listener));

    private static KeyValuePair<string, object?> Tag(string listener) => new("listener", listener);
}
