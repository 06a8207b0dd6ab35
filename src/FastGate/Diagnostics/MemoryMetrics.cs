using System.Diagnostics.Metrics;

namespace FastGate.Diagnostics;

/// <summary>Instruments of the memory store.</summary>
internal sealed class MemoryMetrics
{
    private readonly GatewayMeter _meter;
    private readonly Counter<long> _turns;
    private readonly Counter<long> _failures;
    private readonly Counter<long> _loads;
    private readonly Counter<long> _summaries;
    private readonly Counter<long> _erased;
    private readonly Histogram<double> _commit;
    private readonly Histogram<double> _wait;
    private readonly Histogram<double> _load;

    public MemoryMetrics(IMeterFactory factory)
    {
        _meter = GatewayMeter.Create(factory);
        _turns = _meter.CreateCounterAtZero(
            "fastgate.memory.turns", "{turn}", "Turns by outcome: stored, refused at the limit, rejected by the store.",
            "outcome", "stored", "refused", "rejected");
        _failures = _meter.CreateCounterAtZero(
            "fastgate.memory.failures",
            "{failure}",
            "Failed attempts to save, by kind.",
            "kind",
            "unknown", "locked", "full", "read_only", "cannot_open", "disk_error", "corrupt", "newer_schema", "rejected");
        _loads = _meter.CreateCounterAtZero(
            "fastgate.memory.loads", "{load}", "Reads of a device's memory by outcome: loaded, late, refused, failed.",
            "outcome", "loaded", "late", "refused", "failed");
        _summaries = _meter.CreateCounterAtZero(
            "fastgate.memory.summaries", "{summary}", "Summaries by outcome: kept, obsolete, failed, postponed.",
            "outcome", "kept", "obsolete", "failed", "postponed");
        _erased = _meter.CreateCounterAtZero(
            "fastgate.memory.erased", "{turn}", "Turns erased: by request, by age.", "cause", "request", "age");
        _commit = _meter.CreateHistogram<double>("fastgate.memory.commit.duration", "s", "Time of one transaction.");
        _wait = _meter.CreateHistogram<double>("fastgate.memory.commit.wait", "s", "Time from accepting the oldest turn of a transaction to its end.");
        _load = _meter.CreateHistogram<double>("fastgate.memory.load.duration", "s", "Time to load a device's memory.");
    }

    /// <summary>Adds the gauges; called once, by the writer's constructor.</summary>
    public void Observe(Func<long> pending, Func<long> pendingBytes, Func<long> loadsWaiting, Func<bool> degraded)
    {
        _meter.CreateObservableGauge("fastgate.memory.pending", pending, "{entry}", "Entries accepted and not yet committed.");
        _meter.CreateObservableGauge("fastgate.memory.pending.bytes", pendingBytes, "By", "Memory those entries hold, estimated.");
        _meter.CreateObservableGauge("fastgate.memory.loads.waiting", loadsWaiting, "{load}", "Reads waiting for the reader thread.");
        _meter.CreateObservableGauge("fastgate.memory.degraded", () => degraded() ? 1 : 0, null, "1 while saves fail and are retried.");
    }

    /// <summary>Gauges of the summaries; called once, when their maker is built.</summary>
    public void ObserveSummaries(Func<long> waiting) =>
        _meter.CreateObservableGauge("fastgate.memory.summaries.waiting", waiting, "{device}", "Devices waiting for a summary.");

    public void Committed(int turns, double seconds, double waitSeconds)
    {
        _turns.Add(turns, new KeyValuePair<string, object?>("outcome", "stored"));
        _commit.Record(seconds);
        _wait.Record(waitSeconds);
    }

    public void Refused() => _turns.Add(1, new KeyValuePair<string, object?>("outcome", "refused"));

    public void Rejected() => _turns.Add(1, new KeyValuePair<string, object?>("outcome", "rejected"));

    public void Failed(string kind) => _failures.Add(1, new KeyValuePair<string, object?>("kind", kind));

    public void Loaded(string outcome, double seconds)
    {
        _loads.Add(1, new KeyValuePair<string, object?>("outcome", outcome));
        _load.Record(seconds);
    }

    public void Summary(string outcome) => _summaries.Add(1, new KeyValuePair<string, object?>("outcome", outcome));

    public void Erased(int turns, string cause) => _erased.Add(turns, new KeyValuePair<string, object?>("cause", cause));
}
