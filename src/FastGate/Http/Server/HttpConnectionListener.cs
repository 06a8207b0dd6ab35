using System.Net;
using System.Net.Sockets;
using FastGate.Diagnostics;
using FastGate.Transport.Accept;
using FastGate.Transport.Linux;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging;

namespace FastGate.Http.Server;

/// <summary>
/// A listening socket with a limit of open connections. At the limit, the connection that has been idle longest is closed for a new one, so that idle
/// clients never keep a living one out; when all are in a request, the new one waits, and those behind it wait in the kernel.
/// </summary>
/// <remarks>Kestrel calls <see cref="AcceptAsync"/> from one loop; connections end on any thread.</remarks>
internal sealed class HttpConnectionListener : IConnectionListener
{
    private static readonly TimeSpan s_lookAgain = TimeSpan.FromMilliseconds(100);

    private readonly Socket _socket;
    private readonly SocketConnectionContextFactory _factory;
    private readonly HttpListenerPipeline _pipeline;
    private readonly HttpMetrics _metrics;
    private readonly ILogger _logger;
    private readonly AcceptBackoff _backoff = new();
    private readonly SemaphoreSlim _closed = new(0);
    private readonly Lock _lock = new();
    private readonly HashSet<HttpConnection> _open = [];
    private readonly CancellationTokenSource _unbound = new();

    public HttpConnectionListener(
        Socket socket, SocketConnectionContextFactory factory, HttpListenerPipeline pipeline, HttpMetrics metrics, ILogger logger)
    {
        _socket = socket;
        _factory = factory;
        _pipeline = pipeline;
        _metrics = metrics;
        _logger = logger;
        EndPoint = socket.LocalEndPoint!;
        metrics.Observe(pipeline.Name, () => Count);
    }

    public EndPoint EndPoint { get; }

    private int Count
    {
        get
        {
            lock (_lock)
            {
                return _open.Count;
            }
        }
    }

    public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
    {
        try
        {
            while (true)
            {
                Socket? socket = await AcceptSocketAsync(_unbound.Token);
                if (socket is null)
                {
                    continue;
                }

                _backoff.Reset();
                try
                {
                    await MakeRoomAsync(_unbound.Token);
                }
                catch (OperationCanceledException)
                {
                    socket.Dispose();
                    throw;
                }

                return Add(socket);
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or ObjectDisposedException)
        {
            return null;
        }
    }

    public ValueTask UnbindAsync(CancellationToken cancellationToken = default)
    {
        _unbound.Cancel();
        _socket.Dispose();
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync()
    {
        _factory.Dispose();
        _closed.Dispose();
        _unbound.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>The connection's descriptor is free again. Any thread.</summary>
    internal void Remove(HttpConnection connection)
    {
        lock (_lock)
        {
            _open.Remove(connection);
        }

        try
        {
            _closed.Release();
        }
        catch (ObjectDisposedException)
        {
            // The listener ended before its connection.
        }
    }

    /// <summary>Returns when there is room for the connection that was accepted.</summary>
    private async Task MakeRoomAsync(CancellationToken cancellationToken)
    {
        while (Count >= _pipeline.Options.MaxConnections)
        {
            if (Oldest() is { } idle)
            {
                _metrics.Evicted(_pipeline.Name);
                idle.State.Close();
            }

            // Ends with a closed connection. The count decides, because it may have been closed earlier; a request that ends closes none.
            await _closed.WaitAsync(s_lookAgain, cancellationToken);
        }
    }

    /// <summary>The connection that has been without a request longest and is not being closed; null when all are in a request.</summary>
    private HttpConnection? Oldest()
    {
        lock (_lock)
        {
            HttpConnection? oldest = null;
            foreach (HttpConnection connection in _open)
            {
                if (!connection.IsClosing && connection.State.IsIdle && connection.State.IdleSince < (oldest?.State.IdleSince ?? long.MaxValue))
                {
                    oldest = connection;
                }
            }

            return oldest;
        }
    }

    /// <summary>Null after an error and its pause: an accept that fails for lack of descriptors fails again at once.</summary>
    private async Task<Socket?> AcceptSocketAsync(CancellationToken cancellationToken)
    {
        try
        {
            Socket socket = await _socket.AcceptAsync(cancellationToken);
            socket.NoDelay = true;
            return socket;
        }
        catch (SocketException exception) when (exception.SocketErrorCode != SocketError.OperationAborted)
        {
            AcceptErrorKind kind = LinuxError.AcceptKind(-exception.NativeErrorCode);
            int delayMs = _backoff.NextDelayMs(kind);
            if (delayMs > 0)
            {
                _metrics.AcceptFailed(_pipeline.Name);
                _logger.HttpAcceptPaused(_pipeline.Name, exception.Message, delayMs);
                await Task.Delay(delayMs, cancellationToken);
            }

            return null;
        }
        catch (SocketException)
        {
            throw new OperationCanceledException();
        }
    }

    private HttpConnection Add(Socket socket)
    {
        var connection = new HttpConnection(_factory.Create(socket), this, _pipeline);
        lock (_lock)
        {
            _open.Add(connection);
        }

        return connection;
    }
}
