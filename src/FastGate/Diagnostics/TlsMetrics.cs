using System.Diagnostics.Metrics;
using FastGate.Transport.Tls;

namespace FastGate.Diagnostics;

/// <summary>Instruments of TLS on the device port and the public HTTP port together; created only when it is on.</summary>
internal static class TlsMetrics
{
    public static void Create(IMeterFactory factory, TlsServer server, Func<double> secondsLeft, Func<long> reloads, Func<long> failures)
    {
        Meter meter = GatewayMeter.Create(factory).Meter;
        meter.CreateObservableCounter("fastgate.tls.handshakes", () => new[]
        {
            Of(server.Succeeded, "succeeded"),
            Of(server.Failed, "failed"),
            Of(server.Refused, "refused"),
            Of(server.Abandoned, "abandoned"),
        }, "{handshake}", "TLS handshakes, by result");
        meter.CreateObservableUpDownCounter("fastgate.tls.handshakes.active", () => server.InProgress, "{handshake}", "TLS handshakes in progress");
        meter.CreateObservableUpDownCounter("fastgate.tls.connections.open", () => server.Open, description: "Connections with TLS");
        meter.CreateObservableGauge("fastgate.tls.certificate.left", secondsLeft, "s", "Time until the first certificate expires");
        meter.CreateObservableCounter("fastgate.tls.certificate.reloads", () => new[] { Of(reloads(), "taken"), Of(failures(), "refused") }, description: "Changed certificate files, by result");
    }

    private static Measurement<long> Of(long value, string result) => new(value, new KeyValuePair<string, object?>("result", result));
}
