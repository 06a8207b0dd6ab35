namespace FastGate.Transport.HandOver;

/// <summary>Feature of a connection that was adopted and not accepted.</summary>
public interface IAdoptedConnection
{
    /// <summary>What the adopter passed to <see cref="IHandOverTransport.Adopt"/> for this connection.</summary>
    object State { get; }
}
