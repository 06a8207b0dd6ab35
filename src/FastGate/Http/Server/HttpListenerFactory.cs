using System.Net;
using System.Net.Sockets;
using FastGate.Diagnostics;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging;

namespace FastGate.Http.Server;

/// <summary>Binds the HTTP listeners. Kestrel's own listener counts no connections and retries a failed accept at once.</summary>
internal sealed class HttpListenerFactory(IReadOnlyDictionary<EndPoint, HttpListenerPipeline> pipelines, HttpMetrics metrics, ILoggerFactory loggerFactory)
    : IConnectionListenerFactory
{
    private const int Backlog = 512;

    public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default)
    {
        var socket = new Socket(endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            if (endpoint is IPEndPoint { Address: { } address } && address.Equals(IPAddress.IPv6Any))
            {
                socket.DualMode = true;
            }

            socket.Bind(endpoint);
            socket.Listen(Backlog);
        }
        catch (SocketException exception)
        {
            socket.Dispose();
            throw exception.SocketErrorCode == SocketError.AddressAlreadyInUse ? new AddressInUseException(exception.Message, exception) : exception;
        }

        // One I/O queue is enough for these request rates.
        var connections = new SocketConnectionContextFactory(new SocketConnectionFactoryOptions { IOQueueCount = 1 }, loggerFactory.CreateLogger<HttpServer>());
        return ValueTask.FromResult<IConnectionListener>(
            new HttpConnectionListener(socket, connections, pipelines[endpoint], metrics, loggerFactory.CreateLogger<HttpServer>()));
    }
}
