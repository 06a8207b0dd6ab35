using System.Net;
using System.Net.Sockets;
using FastGate.Transport.Diagnostics;
using FastGate.Transport.HandOver;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;

namespace FastGate.Transport.Sockets;

/// <summary>
/// The transport on the framework's sockets: for every operating system. It does without Kestrel's server object, which keeps more memory for a
/// connection than the connection itself (docs/decisions/0001), and without Kestrel's connections, whose tasks always have bytes on their way
/// that could not be given to another owner.
/// </summary>
public sealed partial class SocketsTransport : IHandOverTransport
{
    private readonly TransportOptions _options;
    private readonly TransportMetrics _metrics;
    private readonly ILogger _logger;
    private readonly SocketLingerList _lingering;
    private readonly TaskCompletionSource _allClosed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private SocketListener[] _listeners = [];
    private EndPoint? _endPoint;
    private ConnectionDelegate? _connectionDelegate;
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

        _listeners = [CreateListener(listener)];
        _endPoint = listener.LocalEndPoint;
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public void Start(ConnectionDelegate connectionDelegate)
    {
        if (_listeners.Length == 0)
        {
            throw new InvalidOperationException("The transport is not bound.");
        }

        lock (_accepting)
        {
            _connectionDelegate = connectionDelegate;
            StartAccepting();
        }
    }

    /// <inheritdoc/>
    public async ValueTask UnbindAsync(CancellationToken cancellationToken)
    {
        Task stopped;
        SocketListener[] listeners;
        lock (_accepting)
        {
            listeners = _listeners;
            _listeners = [];
            stopped = Task.WhenAll(listeners.Select(static listener => listener.StopAsync()));
        }

        await stopped.WaitAsync(cancellationToken);
        Array.ForEach(listeners, static listener => listener.Dispose());
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
    }

    /// <summary>Any thread. The connection is closed or has another owner: it counts no longer.</summary>
    internal void Release(SocketConnection connection)
    {
        if (!connection.TryRelease())
        {
            return;
        }

        _lingering.Remove(connection);
        _metrics.ConnectionReleased();
        if (Interlocked.Decrement(ref _connectionCount) == 0 && Volatile.Read(ref _disposed) != 0)
        {
            _allClosed.TrySetResult();
        }
    }

    internal void ReportFault(SocketConnection connection, Exception exception)
    {
        _metrics.ConnectionFaulted();
        _logger.ConnectionFaulted(connection.ConnectionId, exception);
    }

    private SocketListener CreateListener(Socket socket) => new(socket, _options, Serve, _logger, _metrics);

    private void Serve(Socket socket)
    {
        SocketConnection connection;
        try
        {
            if (!SocketOperations.AcceptedInherits)
            {
                SocketOperations.Configure(socket, _options);
            }

            connection = new SocketConnection(this, socket);
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
            static state => _ = state.Transport.RunAsync(state.Connection, state.Transport._connectionDelegate!),
            (Transport: this, Connection: connection),
            preferLocal: false);
    }

    private async Task RunAsync(SocketConnection connection, ConnectionDelegate connectionDelegate)
    {
        _lingering.Add(connection);
        try
        {
            if (Volatile.Read(ref _disposed) != 0)
            {
                connection.Abort(new ConnectionAbortedException("The transport has stopped."));
            }

            await connectionDelegate(connection);
        }
        catch (Exception exception)
        {
            ReportFault(connection, exception);
        }

        await CloseAsync(connection);
    }

    private async Task CloseAsync(SocketConnection connection)
    {
        try
        {
            await _lingering.CloseAsync(connection, _options.LingerBytes);
            await connection.DisposeAsync();
        }
        catch (Exception exception)
        {
            ReportFault(connection, exception);
        }
        finally
        {
            Release(connection);
        }
    }
}
