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

    // Replaced under the lock. A paused listener has no accept in progress: the kernel's backlog keeps new connections.
    private CancellationTokenSource _accepting = new();
    private TaskCompletionSource? _resumed;
    private TaskCompletionSource? _parked;

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

    /// <summary>The listening socket, which stays owned by this.</summary>
    public int Descriptor => (int)_socket.SafeHandle.DangerousGetHandle();

    public string Name => _pipeline.Name;

    /// <summary>Whether no open connection is in a request.</summary>
    public bool IsSettled
    {
        get
        {
            lock (_lock)
            {
                return _open.All(static connection => connection.State.IsSettled);
            }
        }
    }

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
                    await ParkAsync();
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

    /// <summary>Completes when no accept is in progress; one that waits for room still waits.</summary>
    public Task PauseAsync()
    {
        lock (_lock)
        {
            _resumed ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _parked ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _accepting.Cancel();
            return _parked.Task;
        }
    }

    public void Resume()
    {
        lock (_lock)
        {
            _accepting = new CancellationTokenSource();
            _resumed?.TrySetResult();
            (_resumed, _parked) = (null, null);
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

    private Task ParkAsync()
    {
        lock (_lock)
        {
            _parked?.TrySetResult();
            return _resumed?.Task.WaitAsync(_unbound.Token) ?? Task.CompletedTask;
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

    /// <summary>
    /// Null when accepting was paused, and after an error and its wait: an accept that fails for lack of descriptors fails again at once.
    /// </summary>
    private async Task<Socket?> AcceptSocketAsync(CancellationToken cancellationToken)
    {
        CancellationToken accepting;
        lock (_lock)
        {
            accepting = _accepting.Token;
        }

        try
        {
            using var either = CancellationTokenSource.CreateLinkedTokenSource(accepting, cancellationToken);
            Socket socket = await _socket.AcceptAsync(either.Token);
            socket.NoDelay = true;
            return socket;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return null;
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
