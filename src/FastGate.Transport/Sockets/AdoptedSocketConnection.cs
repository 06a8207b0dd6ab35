using System.Net.Sockets;
using FastGate.Transport.HandOver;

namespace FastGate.Transport.Sockets;

/// <summary>A connection that was open before this transport.</summary>
internal sealed class AdoptedSocketConnection(SocketsTransport transport, Socket socket, object state)
    : SocketConnection(transport, socket), IAdoptedConnection
{
    private object? _state = state;

    /// <inheritdoc/>
    public object State => _state ?? throw new InvalidOperationException("The state is for the delegate, until its first wait.");

    /// <summary>The delegate has taken what it needs.</summary>
    public void DropState() => _state = null;
}
