using System.Net;
using System.Net.Sockets;
using FastGate.Diagnostics;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging;

namespace FastGate.Http.Server;

/// <summary>Binds the HTTP listeners, or uses the listening sockets that this process had before its program was replaced. Kestrel's own listener counts no connections and retries a failed accept at once.</summary>
internal sealed class HttpListenerFactory(
    IReadOnlyDictionary<EndPoint, HttpListenerPipeline> pipelines, IReadOnlyDictionary<string, int> inherited, HttpMetrics metrics, ILoggerFactory loggerFactory)
    : IConnectionListenerFactory
{
    private const int Backlog = 512;

    private readonly List<HttpConnectionListener> _listeners = [];

    /// <summary>Complete after the server has started.</summary>
    public IReadOnlyList<HttpConnectionListener> Listeners => _listeners;

    public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default)
    {
        HttpListenerPipeline pipeline = pipelines[endpoint];
        Socket socket = (inherited.TryGetValue(pipeline.Name, out int descriptor) ? Adopt(descriptor, endpoint) : null) ?? Bind(endpoint);

        // One I/O queue is enough for these request rates.
        var connections = new SocketConnectionContextFactory(new SocketConnectionFactoryOptions { IOQueueCount = 1 }, loggerFactory.CreateLogger<HttpServer>());
        var listener = new HttpConnectionListener(socket, connections, pipeline, metrics, loggerFactory.CreateLogger<HttpServer>());
        _listeners.Add(listener);
        return ValueTask.FromResult<IConnectionListener>(listener);
    }

    /// <summary>Null, with the socket closed, when the configured address is another one now.</summary>
    private static Socket? Adopt(int descriptor, EndPoint configured)
    {
        var socket = new Socket(new SafeSocketHandle(descriptor, ownsHandle: true));
        if (socket.LocalEndPoint is IPEndPoint bound && configured is IPEndPoint wanted
            && bound.Address.Equals(wanted.Address) && (wanted.Port == 0 || wanted.Port == bound.Port))
        {
            return socket;
        }

        socket.Dispose();
        return null;
    }

    private static Socket Bind(EndPoint endpoint)
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
            return socket;
        }
        catch (SocketException exception)
        {
            socket.Dispose();
            throw exception.SocketErrorCode == SocketError.AddressAlreadyInUse ? new AddressInUseException(exception.Message, exception) : exception;
        }
    }
}
