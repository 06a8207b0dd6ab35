using System.Diagnostics.Metrics;

namespace FastGate.Diagnostics;

/// <summary>Connections of the device door: how many came, are here and went, and why. Raised on loops: striped longs, read by observation.</summary>
internal sealed class ConnectionMetrics
{
    private readonly StripedCounter[] _ended;

    public ConnectionMetrics(IMeterFactory factory)
    {
        _ended = new StripedCounter[(int)ConnectionEndReasons.All.Max() + 1];
        foreach (ConnectionEndReason reason in ConnectionEndReasons.All)
        {
            _ended[(int)reason] = new StripedCounter();
        }

        Meter meter = GatewayMeter.Create(factory);
        meter.CreateObservableCounter("fastgate.connections.accepted", () => Accepted.Value, description: "Sockets the device door took");
        meter.CreateObservableCounter("fastgate.connections.upgraded", () => Upgraded.Value, description: "Handshakes answered with 101");
        meter.CreateObservableUpDownCounter("fastgate.connections.open", () => Open, description: "Sockets of the device door that have not ended");
        meter.CreateObservableCounter("fastgate.connections.ended", ObserveEnded, description: "Connections that ended, by reason");
        meter.CreateObservableCounter("fastgate.messages.received", () => new[]
        {
            new Measurement<long>(TextReceived.Value, new KeyValuePair<string, object?>("kind", "text")),
            new Measurement<long>(BinaryReceived.Value, new KeyValuePair<string, object?>("kind", "binary")),
        }, description: "Messages received from devices");
        meter.CreateObservableCounter("fastgate.outbound.dropped", () => StaleDropped.Value, description: "Queued messages dropped because their turn had been interrupted");
    }

    public StripedCounter Accepted { get; } = new();

    public StripedCounter Upgraded { get; } = new();

    public StripedCounter TextReceived { get; } = new();

    public StripedCounter BinaryReceived { get; } = new();

    public StripedCounter StaleDropped { get; } = new();

    public long Open
    {
        get
        {
            // In this order: of one that comes and goes between the two looks the end must not be seen without the beginning.
            long ended = Ended();
            return Accepted.Value - ended;
        }
    }

    public void ConnectionEnded(ConnectionEndReason reason) => _ended[(int)reason].Increment();

    public long EndedBy(ConnectionEndReason reason) => _ended[(int)reason].Value;

    private long Ended()
    {
        long ended = 0L;
        foreach (ConnectionEndReason reason in ConnectionEndReasons.All)
        {
            ended += _ended[(int)reason].Value;
        }

        return ended;
    }

    private IEnumerable<Measurement<long>> ObserveEnded() =>
        ConnectionEndReasons.All
            .Where(reason => reason != ConnectionEndReason.None)
            .Select(reason => new Measurement<long>(_ended[(int)reason].Value, new KeyValuePair<string, object?>("reason", reason.Tag())));
}
