using System.Diagnostics.Metrics;

namespace FastGate.Diagnostics;

/// <summary>Instruments of the limits of addresses and devices. Loops count in striped counters.</summary>
internal sealed class LimitMetrics
{
    private static readonly string[] s_limits = ["address_connections", "address_handshakes", "address_connects", "address_banned", "device_connects"];

    private readonly StripedCounter[] _refused = [.. s_limits.Select(static _ => new StripedCounter())];
    private readonly Counter<long> _banned;
    private readonly Counter<long> _spared;

    public LimitMetrics(IMeterFactory factory)
    {
        var meter = GatewayMeter.Create(factory);
        meter.CreateObservableCounter(
            "fastgate.limits.refused",
            () => s_limits.Select((limit, index) => new Measurement<long>(_refused[index].Value, new KeyValuePair<string, object?>("limit", limit))),
            "{connection}",
            "Connects refused because their address or their device has too many");
        meter.CreateObservableCounter("fastgate.limits.paused", () => Paused.Value, "{pause}", "Pauses in reading devices that send too much");
        _banned = meter.CreateCounterAtZero("fastgate.limits.banned", "{ban}", "Automatic bans", "of", "address", "device");
        _spared = meter.CreateCounterAtZero(
            "fastgate.limits.spared", "{address}", "Addresses with many refused handshakes that are not banned because one of their devices is connected");
    }

    public StripedCounter Paused { get; } = new();

    public void Banned(bool isDevice) => _banned.Add(1, new KeyValuePair<string, object?>("of", isDevice ? "device" : "address"));

    public void Spared() => _spared.Add(1);

    /// <param name="limit">The index of the limit.</param>
    public void Refused(int limit) => _refused[limit].Increment();

    public long RefusedBy(int limit) => _refused[limit].Value;
}
