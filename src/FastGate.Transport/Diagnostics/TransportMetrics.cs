using System.Diagnostics.Metrics;

namespace FastGate.Transport.Diagnostics;

/// <summary>Instruments of the transport. Everything here is off the path of a message.</summary>
internal sealed class TransportMetrics
{
    private readonly Counter<long> _accepted;
    private readonly UpDownCounter<long> _open;
    private readonly Counter<long> _acceptErrors;
    private readonly Counter<long> _refused;
    private readonly Counter<long> _faults;
    private readonly Counter<long> _lingerExpired;

    public TransportMetrics(Meter meter)
    {
        _accepted = meter.CreateCounterAtZero("fastgate.transport.accepted", "{connection}", "Connections accepted.");
        _open = meter.CreateUpDownCounter<long>("fastgate.transport.open", "{connection}", "Connections accepted and not yet closed.");
        _acceptErrors = meter.CreateCounterAtZero(
            "fastgate.transport.accept_errors", "{error}", "Failed accepts, by what they ask for.", "kind", AcceptErrorKinds);
        _refused = meter.CreateCounterAtZero("fastgate.transport.refused", "{connection}", "Newcomers turned away for want of a descriptor.");
        _faults = meter.CreateCounterAtZero("fastgate.transport.faults", "{fault}", "Exceptions that escaped a connection.");
        _lingerExpired = meter.CreateCounterAtZero(
            "fastgate.transport.linger_expired", "{connection}", "Connections whose peer kept its side open past the linger bounds.");
    }

    /// <summary>Every name that <see cref="AcceptFailed"/> is given: the transport's own enum, which this floor cannot see.</summary>
    public static string[] AcceptErrorKinds { get; } = ["Transient", "Pressure", "Fatal"];

    public void ConnectionAccepted()
    {
        _accepted.Add(1);
        _open.Add(1);
    }

    public void ConnectionReleased() => _open.Add(-1);

    /// <param name="kind">Name of the error kind; one of a closed list.</param>
    public void AcceptFailed(string kind) => _acceptErrors.Add(1, new KeyValuePair<string, object?>("kind", kind));

    public void ConnectionRefused() => _refused.Add(1);

    public void ConnectionFaulted() => _faults.Add(1);

    public void LingerExpired() => _lingerExpired.Add(1);
}
