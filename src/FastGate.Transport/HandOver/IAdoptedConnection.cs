namespace FastGate.Transport.HandOver;

/// <summary>Feature of a connection that was adopted and not accepted; see <see cref="HandOverFeatures.Find"/>.</summary>
public interface IAdoptedConnection
{
    /// <summary>
    /// What the adopter passed to <see cref="IHandOverTransport.Adopt"/> for this connection. Only until the delegate's first wait: the
    /// transport does not keep it, because the connection may live for weeks.
    /// </summary>
    object State { get; }
}
