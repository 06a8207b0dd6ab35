namespace FastGate.Transport.HandOver;

/// <summary>Connections that a transport adopts; it reads them one by one, because their state may be large.</summary>
public interface IAdoptionSource
{
    /// <summary>Number of connections.</summary>
    int Count { get; }

    /// <summary>Reads a connection. Called once for each, on the threads of the transport, several at a time.</summary>
    /// <param name="index">The connections are read in ascending order: those that must not wait come first.</param>
    /// <param name="state">As for <see cref="IHandOverTransport.Adopt"/>.</param>
    /// <returns>The socket, whose ownership passes to the transport.</returns>
    DetachedSocket Read(int index, out object? state);
}
