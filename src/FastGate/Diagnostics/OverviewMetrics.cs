using System.Diagnostics.Metrics;

namespace FastGate.Diagnostics;

/// <summary>Instruments of numbers that the dashboard also shows: registered devices, event loops, providers of language models.</summary>
internal static class OverviewMetrics
{
    public static void Create(
        IMeterFactory factory,
        Func<int> devices,
        Func<IEnumerable<(int Loop, int Connections, TimeSpan Processor)>> loops,
        Func<IEnumerable<(string Provider, string? Model, bool IsOpen, int InFlight)>> providers)
    {
        var meter = GatewayMeter.Create(factory);
        meter.CreateObservableGauge("fastgate.connections.registered", devices, "{device}", "Devices that are registered by their id");
        meter.CreateObservableGauge("fastgate.loops.connections", () => loops().Select(static loop => OfLoop(loop.Connections, loop.Loop)), "{connection}", "Connections of an event loop");
        meter.CreateObservableCounter("fastgate.loops.time", () => loops().Select(static loop => OfLoop(loop.Processor.TotalSeconds, loop.Loop)), "s", "Time that an event loop has run on a processor");
        meter.CreateObservableGauge(
            "fastgate.conversation.provider.in_flight", () => providers().Select(static of => OfProvider(of.InFlight, of.Provider, of.Model)), "{call}", "Calls in progress to the server of a provider");
        meter.CreateObservableGauge(
            "fastgate.conversation.breaker.open", () => providers().Select(static of => OfProvider(of.IsOpen ? 1 : 0, of.Provider, of.Model)), null, "1 while a provider's circuit breaker is open");
    }

    private static Measurement<T> OfLoop<T>(T value, int loop)
        where T : struct => new(value, new KeyValuePair<string, object?>("loop", loop));

    private static Measurement<int> OfProvider(int value, string provider, string? model) =>
        new(value, new KeyValuePair<string, object?>("provider", provider), new KeyValuePair<string, object?>("model", model ?? ""));
}
