using System.Diagnostics.Metrics;

namespace FastGate.Diagnostics;

/// <summary>Instruments of restarts in place. Other counters begin at 0 with each program; these are passed on.</summary>
internal static class RestartMetrics
{
    public static void Create(IMeterFactory factory, Func<long> done, Func<long> refused, Func<double?> gap, Func<(int Kept, int Closed)> connections)
    {
        var meter = GatewayMeter.Create(factory);
        meter.CreateObservableCounter(
            "fastgate.restarts",
            () => (Measurement<long>[])[Of(done(), "done"), Of(refused(), "refused")],
            "{restart}",
            "Restarts in place by outcome: done since the start of the process, refused since the last one.");
        meter.CreateObservableGauge(
            "fastgate.restart.gap", () => gap() is double seconds ? (Measurement<double>[])[new(seconds)] : [], "s", "For how long the last restart served no connection");
        meter.CreateObservableGauge(
            "fastgate.restart.connections",
            () => (Measurement<long>[])[Of(connections().Kept, "kept"), Of(connections().Closed, "closed")],
            "{connection}",
            "Connections at the last restart by outcome: kept and closed.");
    }

    private static Measurement<long> Of(long count, string outcome) => new(count, new KeyValuePair<string, object?>("outcome", outcome));
}
