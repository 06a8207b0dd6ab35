using System.Net;
using System.Net.Sockets;
using FastGate.Transport.Accept;
using FastGate.Transport.Diagnostics;
using FastGate.Transport.Linux;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging;

namespace FastGate.Transport.Sockets;

/// <summary>
/// The device door on Kestrel's socket pipes: for every system, and for TLS. Accepting is our own, because Kestrel's listener
/// retries at once whatever the error is and therefore spins when descriptors run out; Kestrel's server object is not used,
/// because what it keeps for every connection costs more than the connection (docs/decisions/0001).
/// </summary>
internal sealed class SocketsTransport : ITransport
{
    /// <summary>Refusals before a pause: a storm of connects must not keep the process busy with them.</summary>
    private const int RefusalBatch = 64;

    /// <summary>What of a refused newcomer's request is read: as much as a loop takes with one receive, more than any that is let in.</summary>
    private const int DiscardedOfRefused = 64 * 1024;

    private readonly TransportOptions _settings;
    private readonly TransportMetrics _metrics;
    private readonly ILogger _logger;
    private readonly SocketConnectionContextFactory _contexts;
    private readonly SocketLingerList _lingering;
    private readonly CancellationTokenSource _stopAccepting = new();
    private readonly TaskCompletionSource _allClosed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly AcceptGate _gate;
    private readonly AcceptBackoff _backoff = new();

    private int _refused;
    private Socket? _listener;
    private EndPoint? _endPoint;
    private ConnectionDelegate? _connectionDelegate;
    private Task _acceptLoop = Task.CompletedTask;
    private int _connectionCount;
    private int _disposed;

    public SocketsTransport(TransportOptions settings, ILoggerFactory loggerFactory, TransportMetrics metrics)
    {
        _settings = settings;
        _metrics = metrics;
        _logger = loggerFactory.CreateLogger<SocketsTransport>();
        _contexts = new SocketConnectionContextFactory(
            // A buffer of one byte makes FlushAsync complete when the kernel has the bytes, as on the loops: the handler's
            // write timeout then means the peer, and a connection is not shut down with bytes still on their way.
            new SocketConnectionFactoryOptions { MaxWriteBufferSize = 1 },
            loggerFactory.CreateLogger<SocketConnectionContextFactory>());
        _gate = new AcceptGate(_logger, metrics, settings.DescriptorCeiling);
        _lingering = new SocketLingerList(settings.Linger, metrics);
    }

    public EndPoint EndPoint => _endPoint ?? throw new InvalidOperationException("The transport is not bound.");

    public int ConnectionCount => Volatile.Read(ref _connectionCount);

    public ValueTask BindAsync(IPEndPoint endPoint, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var listener = new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            if (endPoint.AddressFamily == AddressFamily.InterNetworkV6 && endPoint.Address.Equals(IPAddress.IPv6Any))
            {
                listener.DualMode = true;
            }

            listener.Bind(endPoint);
            listener.Listen(_settings.Backlog);
        }
        catch (SocketException exception) when (exception.SocketErrorCode == SocketError.AddressAlreadyInUse)
        {
            listener.Dispose();
            throw new AddressInUseException($"{endPoint} is in use by another process.", exception);
        }
        catch
        {
            listener.Dispose();
            throw;
        }

        _listener = listener;
        _endPoint = listener.LocalEndPoint;
        return ValueTask.CompletedTask;
    }

    public void Start(ConnectionDelegate connectionDelegate)
    {
        if (_listener is null)
        {
            throw new InvalidOperationException("The transport is not bound.");
        }

        _connectionDelegate = connectionDelegate;
        _acceptLoop = Task.Run(AcceptUntilStoppedAsync);
    }

    public async ValueTask UnbindAsync(CancellationToken cancellationToken)
    {
        await _stopAccepting.CancelAsync();
        _listener?.Close();
        await _acceptLoop.WaitAsync(cancellationToken);
    }

    /// <summary>Stops accepting, aborts what is left and waits until every connection's task has ended.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            return;
        }

        await UnbindAsync(CancellationToken.None);
        if (ConnectionCount > 0)
        {
            _lingering.AbortAll();
            await _allClosed.Task;
        }

        _lingering.Dispose();
        _contexts.Dispose();
        _gate.Dispose();
        _stopAccepting.Dispose();
    }

    private async Task AcceptUntilStoppedAsync()
    {
        while (!_stopAccepting.IsCancellationRequested)
        {
            try
            {
                await AcceptAsync();
            }
            catch (Exception) when (_stopAccepting.IsCancellationRequested)
            {
                return;
            }
            catch (SocketException exception)
            {
                AcceptErrorKind kind = KindOf(exception.SocketErrorCode);
                _metrics.AcceptFailed(kind);
                if (kind == AcceptErrorKind.Fatal)
                {
                    _logger.ListenerLost(exception);
                    return;
                }

                await PauseAsync(kind, exception);
            }
            catch (Exception exception)
            {
                // A listener that ends by a bug would close the door for good: it goes on, slowly.
                _metrics.AcceptFailed(AcceptErrorKind.Pressure);
                await PauseAsync(AcceptErrorKind.Pressure, exception);
            }
        }
    }

    private async Task AcceptAsync()
    {
        Socket socket = await _listener!.AcceptAsync(_stopAccepting.Token);
        if (!_gate.Admits((int)socket.SafeHandle.DangerousGetHandle()))
        {
            Refuse(socket);
            if (++_refused % RefusalBatch == 0)
            {
                await Task.Delay(AcceptBackoff.FirstDelayMs, _stopAccepting.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }

            return;
        }

        _backoff.Reset();
        Serve(socket);
    }

    private async Task PauseAsync(AcceptErrorKind kind, Exception exception)
    {
        if (kind == AcceptErrorKind.Pressure && _gate.OnPressure(exception.Message))
        {
            return;
        }

        int delayMs = _backoff.NextDelayMs(kind);
        if (delayMs > 0)
        {
            _logger.AcceptPaused(exception.Message, delayMs);
            await Task.Delay(delayMs, _stopAccepting.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private void Serve(Socket socket)
    {
        ConnectionContext connection;
        try
        {
            Configure(socket);
            connection = _contexts.Create(socket);
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // The peer is gone already.
            socket.Dispose();
            return;
        }

        Interlocked.Increment(ref _connectionCount);
        _metrics.ConnectionAccepted();
        ThreadPool.UnsafeQueueUserWorkItem(
            static state => _ = state.Transport.RunAsync(state.Connection, state.Socket),
            (Transport: this, Connection: connection, Socket: socket),
            preferLocal: false);
    }

    private async Task RunAsync(ConnectionContext connection, Socket socket)
    {
        _lingering.Add(connection);
        try
        {
            if (Volatile.Read(ref _disposed) != 0)
            {
                connection.Abort(new ConnectionAbortedException("The transport has stopped."));
            }

            await _connectionDelegate!(connection);
            await _lingering.CloseAsync(connection, socket, _settings.LingerBytes);
        }
        catch (Exception exception)
        {
            _metrics.ConnectionFaulted();
            _logger.ConnectionFaulted(connection.ConnectionId, exception);
        }
        finally
        {
            await DisposeAsync(connection);
            _lingering.Remove(connection);
            _metrics.ConnectionReleased();
            if (Interlocked.Decrement(ref _connectionCount) == 0 && Volatile.Read(ref _disposed) != 0)
            {
                _allClosed.TrySetResult();
            }
        }
    }

    private async Task DisposeAsync(ConnectionContext connection)
    {
        try
        {
            await connection.DisposeAsync();
        }
        catch (Exception exception)
        {
            _metrics.ConnectionFaulted();
            _logger.ConnectionFaulted(connection.ConnectionId, exception);
        }
    }

    private void Configure(Socket socket)
    {
        socket.NoDelay = true;
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, _settings.KeepAliveIdleSeconds);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, _settings.KeepAliveIntervalSeconds);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, _settings.KeepAliveProbes);
    }

    private void Refuse(Socket socket)
    {
        try
        {
            socket.Blocking = false;
            if (!_settings.Refusal.IsEmpty)
            {
                socket.Send(_settings.Refusal.Span, SocketFlags.None, out _);
            }

            socket.Shutdown(SocketShutdown.Send);

            // What has been read cannot turn the close into a reset that overtakes the answer.
            Span<byte> discarded = stackalloc byte[2048];
            int count;
            for (int left = DiscardedOfRefused; left > 0; left -= count)
            {
                count = socket.Receive(discarded, SocketFlags.None, out _);
                if (count <= 0)
                {
                    break;
                }
            }
        }
        catch (SocketException)
        {
            // It is going away either way.
        }
        finally
        {
            socket.Dispose();
        }
    }

    private static AcceptErrorKind KindOf(SocketError error) => error switch
    {
        // The general error stands for an errno that the framework has no name for; want of memory is one.
        SocketError.TooManyOpenSockets or SocketError.NoBufferSpaceAvailable or SocketError.SocketError => AcceptErrorKind.Pressure,
        SocketError.NotSocket or SocketError.InvalidArgument or SocketError.OperationNotSupported or SocketError.OperationAborted
            => AcceptErrorKind.Fatal,
        _ => AcceptErrorKind.Transient,
    };
}
