using System.Net;
using Microsoft.AspNetCore.Connections;

namespace FastGate.Transport;

/// <summary>
/// Brings sockets to the device door. Everything above it sees a <see cref="ConnectionContext"/> and must not know which
/// transport made it.
/// </summary>
internal interface ITransport : IAsyncDisposable
{
    /// <summary>The address really bound; a requested port 0 has become a number.</summary>
    EndPoint EndPoint { get; }

    /// <summary>Connections accepted and not yet closed.</summary>
    int ConnectionCount { get; }

    /// <summary>Binds and listens. Throws <see cref="AddressInUseException"/> when another process holds the port.</summary>
    ValueTask BindAsync(IPEndPoint endPoint, CancellationToken cancellationToken);

    /// <summary>
    /// Begins to accept. The delegate runs once per connection and the connection is closed when its task completes;
    /// an exception escaping it ends that connection only.
    /// </summary>
    void Start(ConnectionDelegate connectionDelegate);

    /// <summary>Stops accepting and closes the listening sockets; connections that live go on.</summary>
    ValueTask UnbindAsync(CancellationToken cancellationToken);
}
