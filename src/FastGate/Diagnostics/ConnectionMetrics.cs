using System.Diagnostics.Metrics;

namespace FastGate.Diagnostics;

/// <summary>Instruments of device connections. Event loops count in striped counters; exporters read them when they collect.</summary>
internal sealed class ConnectionMetrics
{
    private readonly StripedCounter[] _ended;
    private Func<long> _unfinished = static () => 0;

    public ConnectionMetrics(IMeterFactory factory)
    {
        _ended = new StripedCounter[(int)ConnectionEndReasons.All.Max() + 1];
        foreach (ConnectionEndReason reason in ConnectionEndReasons.All)
        {
            _ended[(int)reason] = new StripedCounter();
        }

        var meter = GatewayMeter.Create(factory);
        meter.CreateObservableCounter("fastgate.connections.accepted", () => Accepted.Value, description: "Device sockets accepted");
        meter.CreateObservableCounter("fastgate.connections.adopted", () => Adopted.Value, description: "Device sockets that were open before a restart");
        meter.CreateObservableCounter("fastgate.connections.upgraded", () => Upgraded.Value, description: "Handshakes answered with 101");
        meter.CreateObservableCounter("fastgate.drain.refused", () => DrainRefused.Value, "{handshake}", "Handshakes refused because an operator drains the server");
        meter.CreateObservableUpDownCounter("fastgate.connections.open", () => Open, description: "Device sockets that are open");
        meter.CreateObservableCounter("fastgate.connections.ended", ObserveEnded, description: "Connections that ended, by reason");
        meter.CreateObservableGauge("fastgate.messages.unfinished", () => _unfinished(), "By", "Memory of incomplete messages of all devices");
        meter.CreateObservableCounter("fastgate.messages.received", () => new[]
        {
            new Measurement<long>(TextReceived.Value, new KeyValuePair<string, object?>("kind", "text")),
            new Measurement<long>(BinaryReceived.Value, new KeyValuePair<string, object?>("kind", "binary")),
        }, description: "Messages received from devices");
        meter.CreateObservableCounter("fastgate.messages.compressed", () => new[]
        {
            new Measurement<long>(InflatedMessages.Value, new KeyValuePair<string, object?>("direction", "received")),
            new Measurement<long>(DeflatedMessages.Value, new KeyValuePair<string, object?>("direction", "sent")),
        }, description: "Messages compressed by permessage-deflate");
        meter.CreateObservableCounter("fastgate.outbound.dropped", () => StaleDropped.Value, description: "Queued messages dropped because their turn was interrupted");
    }

    public StripedCounter Accepted { get; } = new();

    /// <summary>Connections that were open in the former image of the server or in another process.</summary>
    public StripedCounter Adopted { get; } = new();

    /// <summary>Connections that have passed to another owner, which is no end.</summary>
    public StripedCounter HandedOver { get; } = new();

    public StripedCounter Upgraded { get; } = new();

    /// <summary>Handshakes that a drain of an operator has refused.</summary>
    public StripedCounter DrainRefused { get; } = new();

    public StripedCounter TextReceived { get; } = new();

    public StripedCounter BinaryReceived { get; } = new();

    public StripedCounter InflatedMessages { get; } = new();

    public StripedCounter DeflatedMessages { get; } = new();

    public StripedCounter StaleDropped { get; } = new();

    public long Open
    {
        get
        {
            // The ends are read first: a connection that opens and ends between the two reads must not count as ended only.
            long ended = Ended() + HandedOver.Value;
            return Accepted.Value + Adopted.Value - ended;
        }
    }

    public void ObserveUnfinished(Func<long> bytes) => _unfinished = bytes;

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
