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
/// The transport on Kestrel's socket connections: for every operating system, and for connection middleware such as TLS. It accepts by itself,
/// because Kestrel's listener retries every error at once and spins when descriptors run out. It does without Kestrel's server object, which
/// keeps more memory for a connection than the connection itself (docs/decisions/0001).
/// </summary>
public sealed class SocketsTransport : ITransport
{
    /// <summary>Refusals before a pause, so that a storm of connects does not keep the process busy.</summary>
    private const int RefusalBatch = 64;

    private readonly TransportOptions _options;
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

    /// <summary>Creates a transport that is not bound yet.</summary>
    /// <param name="options">The settings.</param>
    /// <param name="loggerFactory">Loggers of the transport and of its connections.</param>
    /// <param name="metrics">The instruments to use.</param>
    public SocketsTransport(TransportOptions options, ILoggerFactory loggerFactory, TransportMetrics metrics)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options;
        _metrics = metrics;
        _logger = loggerFactory.CreateLogger<SocketsTransport>();
        _contexts = new SocketConnectionContextFactory(
            // With a buffer of one byte FlushAsync completes when the kernel has the bytes, as on the event loops: the handler's write
            // timeout then measures the peer, and a connection is not shut down while bytes are still in the pipe.
            new SocketConnectionFactoryOptions { MaxWriteBufferSize = 1 },
            loggerFactory.CreateLogger<SocketConnectionContextFactory>());
        _gate = new AcceptGate(_logger, metrics, options.DescriptorCeiling);
        _lingering = new SocketLingerList(options.Linger, metrics);
    }

    /// <inheritdoc/>
    public EndPoint EndPoint => _endPoint ?? throw new InvalidOperationException("The transport is not bound.");

    /// <inheritdoc/>
    public int ConnectionCount => Volatile.Read(ref _connectionCount);

    /// <inheritdoc/>
    public ValueTask BindAsync(IPEndPoint endPoint, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        ArgumentNullException.ThrowIfNull(endPoint);
        var listener = new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            if (endPoint.AddressFamily == AddressFamily.InterNetworkV6 && endPoint.Address.Equals(IPAddress.IPv6Any))
            {
                listener.DualMode = true;
            }

            SocketOperations.Configure(listener, _options);
            listener.Bind(endPoint);
            listener.Listen(_options.Backlog);
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

    /// <inheritdoc/>
    public void Start(ConnectionDelegate connectionDelegate)
    {
        if (_listener is null)
        {
            throw new InvalidOperationException("The transport is not bound.");
        }

        _connectionDelegate = connectionDelegate;
        _acceptLoop = Task.Run(AcceptUntilStoppedAsync);
    }

    /// <inheritdoc/>
    public async ValueTask UnbindAsync(CancellationToken cancellationToken)
    {
        await _stopAccepting.CancelAsync();
        _listener?.Close();
        await _acceptLoop.WaitAsync(cancellationToken);
    }

    /// <summary>Stops accepting, aborts the open connections and waits until the task of every connection has ended.</summary>
    /// <returns>A task that completes when no connection is left.</returns>
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
                AcceptErrorKind kind = SocketOperations.AcceptKind(exception.SocketErrorCode);
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
                // A defect must not close the listener: it continues, slowly.
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
            SocketOperations.Refuse(socket, _options.Refusal.Span);
            if (++_refused % RefusalBatch == 0)
            {
                await DelayAsync(AcceptBackoff.FirstDelayMs);
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
            await DelayAsync(delayMs);
        }
    }

    private async Task DelayAsync(int delayMs) =>
        await Task.Delay(delayMs, _stopAccepting.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    private void Serve(Socket socket)
    {
        ConnectionContext connection;
        try
        {
            if (!SocketOperations.AcceptedInherits)
            {
                SocketOperations.Configure(socket, _options);
            }

            connection = _contexts.Create(socket);
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // The peer has already reset the connection.
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
            await _lingering.CloseAsync(connection, socket, _options.LingerBytes);
        }
        catch (Exception exception)
        {
            ReportFault(connection, exception);
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
            ReportFault(connection, exception);
        }
    }

    private void ReportFault(ConnectionContext connection, Exception exception)
    {
        _metrics.ConnectionFaulted();
        _logger.ConnectionFaulted(connection.ConnectionId, exception);
    }
}
