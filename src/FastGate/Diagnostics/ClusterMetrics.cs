using System.Diagnostics.Metrics;

namespace FastGate.Diagnostics;

/// <summary>Instruments of a node of a cluster; there are none without one.</summary>
internal sealed class ClusterMetrics
{
    private readonly GatewayMeter _meter;
    private readonly Counter<long> _claims;
    private readonly Counter<long> _requests;
    private readonly Counter<long> _handled;

    public ClusterMetrics(IMeterFactory factory)
    {
        _meter = GatewayMeter.Create(factory);
        _claims = _meter.CreateCounterAtZero(
            "fastgate.cluster.claims",
            "{claim}",
            "Answers of the engine about devices: claimed, kept (verified), stale (connected elsewhere), released; failed without an answer.",
            "result",
            "claimed", "kept", "stale", "released", "failed");
        _requests = _meter.CreateCounterAtZero(
            "fastgate.cluster.requests",
            "{request}",
            "Requests to other nodes: answered; not done: moved (asked again), unreachable, unavailable, busy; unknown without a reply.",
            "result",
            "answered", "moved", "unreachable", "unavailable", "busy", "unknown");
        _handled = _meter.CreateCounterAtZero(
            "fastgate.cluster.requests.handled",
            "{request}",
            "Requests of other nodes: run; not run: moved (the device is not here), busy, late (came after its time); failed.",
            "result",
            "run", "moved", "busy", "late", "failed");
        Batch = _meter.CreateHistogram<double>("fastgate.cluster.call.duration", "s", "Time of one call for up to 64 devices.");
        Kicks = _meter.CreateCounter<long>("fastgate.cluster.kicks", "{device}", "Devices closed here because another node has claimed them.");
        QueueFull = _meter.CreateCounter<long>("fastgate.cluster.queue.full", "{device}", "Changes that had no room in the queue and are made up for later.");
    }

    public Histogram<double> Batch { get; }

    public Counter<long> Kicks { get; }

    public Counter<long> QueueFull { get; }

    public void Observe(Func<long> waiting, Func<long> requests, Func<bool> localOnly, Func<double> leaseAge)
    {
        _meter.CreateObservableGauge("fastgate.cluster.waiting", waiting, "{device}", "Devices that wait for a call to the engine or its answer.");
        _meter.CreateObservableGauge("fastgate.cluster.requests.waiting", requests, "{request}", "Requests to other nodes that wait for their reply.");
        _meter.CreateObservableGauge("fastgate.cluster.local_only", () => localOnly() ? 1 : 0, null, "1 while the engine is not used.");
        _meter.CreateObservableGauge("fastgate.cluster.lease.age", leaseAge, "s", "Time since the lease of this node was renewed.");
    }

    public void Count(string result, int claims) => _claims.Add(claims, new KeyValuePair<string, object?>("result", result));

    /// <summary>A request to another node has a result.</summary>
    public void Asked(string result) => _requests.Add(1, new KeyValuePair<string, object?>("result", result));

    /// <summary>A request of another node has a result.</summary>
    public void Handled(string result) => _handled.Add(1, new KeyValuePair<string, object?>("result", result));
}
