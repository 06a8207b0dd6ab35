using System.Diagnostics.Metrics;
using FastGate.Transport.Linux;

namespace FastGate.Transport.Diagnostics;

/// <summary>The instruments of a transport. None is on the path of a message.</summary>
public sealed class TransportMetrics
{
    private readonly Counter<long> _accepted;
    private readonly Counter<long> _adopted;
    private readonly UpDownCounter<long> _open;
    private readonly Counter<long> _acceptErrors;
    private readonly Counter<long> _refused;
    private readonly Counter<long> _dropped;
    private readonly Counter<long> _notDropped;
    private readonly Counter<long> _faults;
    private readonly Counter<long> _lingerExpired;
    private readonly Counter<long> _waitExpired;
    private readonly UpDownCounter<long> _waiting;

    /// <summary>Creates the instruments.</summary>
    /// <param name="meter">The meter that owns them.</param>
    public TransportMetrics(Meter meter)
    {
        ArgumentNullException.ThrowIfNull(meter);
        _accepted = meter.CreateCounterAtZero("fastgate.transport.accepted", "{connection}", "Connections accepted.");
        _adopted = meter.CreateCounterAtZero(
            "fastgate.transport.adopted", "{connection}", "Open connections taken over from another process or from this one before a restart.");
        _open = meter.CreateUpDownCounter<long>("fastgate.transport.open", "{connection}", "Connections accepted or taken over, and not yet closed.");
        _acceptErrors = meter.CreateCounterAtZero(
            "fastgate.transport.accept_errors", "{error}", "Failed accepts, by kind of error.", "kind", Enum.GetNames<AcceptErrorKind>());
        _refused = meter.CreateCounterAtZero("fastgate.transport.refused", "{connection}", "Connections refused for lack of a descriptor.");
        _dropped = meter.CreateCounterAtZero(
            "fastgate.transport.dropped",
            "{packet}",
            "Packets of connects that the kernel dropped while a filter was set for addresses that connect too often; also those for which its queue had no room.");
        _notDropped = meter.CreateCounterAtZero(
            "fastgate.transport.drop_list_full",
            "{address}",
            "Addresses that connect too often and for which the list of dropped addresses had no room: their connects are accepted and reset. One that continues counts again each second.");
        _faults = meter.CreateCounterAtZero("fastgate.transport.faults", "{fault}", "Exceptions that escaped a connection.");
        _lingerExpired = meter.CreateCounterAtZero(
            "fastgate.transport.linger_expired", "{connection}", "Connections closed because the peer kept its side open beyond the linger limits.");
        _waitExpired = meter.CreateCounterAtZero(
            "fastgate.transport.wait_expired", "{connection}", "Connections closed because they had waited too long for their turn in a storm of connects.");
        _waiting = meter.CreateUpDownCounter<long>("fastgate.transport.waiting", "{connection}", "Accepted connections that wait for their turn.");
        _waiting.Add(0);
    }

    internal void ConnectionAccepted()
    {
        _accepted.Add(1);
        _open.Add(1);
    }

    internal void ConnectionAdopted()
    {
        _adopted.Add(1);
        _open.Add(1);
    }

    internal void ConnectionReleased() => _open.Add(-1);

    internal void AcceptFailed(AcceptErrorKind kind) => _acceptErrors.Add(1, new KeyValuePair<string, object?>("kind", kind.ToString()));

    internal void ConnectionRefused() => _refused.Add(1);

    internal void ConnectsDropped(long packets, int sourcesWithoutRoom)
    {
        _dropped.Add(packets);
        _notDropped.Add(sourcesWithoutRoom);
    }

    internal void ConnectionFaulted() => _faults.Add(1);

    internal void WaitExpired() => _waitExpired.Add(1);

    internal void WaitingChanged(int by) => _waiting.Add(by);

    internal void LingerExpired() => _lingerExpired.Add(1);
}
