using System.Net;
using Microsoft.AspNetCore.Connections;

namespace FastGate.Transport;

/// <summary>Accepts TCP connections and runs one <see cref="ConnectionDelegate"/> for each. The delegate needs no knowledge of the transport.</summary>
public interface ITransport : IAsyncDisposable
{
    /// <summary>The bound address; a requested port 0 is replaced by the actual port.</summary>
    EndPoint EndPoint { get; }

    /// <summary>Connections accepted and not yet closed.</summary>
    int ConnectionCount { get; }

    /// <summary>Binds and listens. Throws <see cref="AddressInUseException"/> when another process uses the port.</summary>
    /// <param name="endPoint">The address to listen on; port 0 lets the system choose.</param>
    /// <param name="cancellationToken">Checked before binding.</param>
    /// <returns>A task that completes when the transport listens.</returns>
    ValueTask BindAsync(IPEndPoint endPoint, CancellationToken cancellationToken);

    /// <summary>Starts to accept.</summary>
    /// <param name="connectionDelegate">
    /// Runs once per connection. The connection is closed when its task completes; an exception ends that connection only.
    /// </param>
    void Start(ConnectionDelegate connectionDelegate);

    /// <summary>Whether the threads that serve the connections respond; a transport without threads of its own always does.</summary>
    /// <returns>A task that completes when each of them has run something.</returns>
    Task RespondAsync() => Task.CompletedTask;

    /// <summary>Stops accepting and closes the listening sockets; open connections stay open.</summary>
    /// <param name="cancellationToken">Ends the wait, not the closing.</param>
    /// <returns>A task that completes when the listening sockets are closed.</returns>
    ValueTask UnbindAsync(CancellationToken cancellationToken);
}
