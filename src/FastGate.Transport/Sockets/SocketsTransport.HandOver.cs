using System.Net;
using System.Net.Sockets;
using FastGate.Transport.Diagnostics;
using FastGate.Transport.HandOver;
using FastGate.Transport.Linux;
using Microsoft.AspNetCore.Connections;

namespace FastGate.Transport.Sockets;

/// <summary>Giving listeners and connections away, and taking them over. On Linux only.</summary>
public sealed partial class SocketsTransport
{
    /// <summary>The descriptor budget leaves more than that free.</summary>
    private const int MostHeldTwice = 128;

    private readonly Lock _accepting = new();
    private Task _paused = Task.CompletedTask;
    private bool _isPaused;
    private bool _isAccepting;
    private int _adopting;
    private int _heldTwice;

    /// <inheritdoc/>
    public IReadOnlyList<int> Listeners => [.. _listeners.Select(static listener => listener.Descriptor)];

    /// <inheritdoc/>
    public int DetachingRoom => MostHeldTwice - Volatile.Read(ref _heldTwice);

    /// <inheritdoc/>
    public bool TryAdoptListeners(IReadOnlyList<int> listeners, IPEndPoint configured)
    {
        ArgumentNullException.ThrowIfNull(listeners);
        ArgumentNullException.ThrowIfNull(configured);
        if (!OperatingSystem.IsLinux() || ListenerAddress.OfAll(listeners, configured) is not { } bound)
        {
            return false;
        }

        foreach (int descriptor in listeners)
        {
            // The options may have changed with the image. When the kernel refuses one, the open listener still serves.
            LinuxSocket.SetStreamOptions(descriptor, _options);
            LinuxSocket.Listen(descriptor, _options.Backlog);
        }

        _endPoint = bound;
        _listeners = [.. listeners.Select(descriptor => CreateListener(Open(descriptor)))];
        return true;
    }

    /// <inheritdoc/>
    public async ValueTask PauseAcceptingAsync()
    {
        // A transport that does not run yet gives no socket away, and its devices wait.
        if (OperatingSystem.IsLinux() && _connectionDelegate is not null)
        {
            RuntimeEpolls.Prepare();
        }

        Task paused;
        lock (_accepting)
        {
            _isPaused = true;
            if (_isAccepting)
            {
                _isAccepting = false;
                _paused = Task.WhenAll(_listeners.Select(static listener => listener.HoldAsync()));
            }

            paused = _paused;
        }

        await paused;
    }

    /// <inheritdoc/>
    public void ResumeAccepting()
    {
        lock (_accepting)
        {
            _isPaused = false;
            StartAccepting();
        }
    }

    /// <inheritdoc/>
    public void Adopt(DetachedSocket socket, object? state)
    {
        ArgumentNullException.ThrowIfNull(socket);
        if (_connectionDelegate is null || Volatile.Read(ref _disposed) != 0)
        {
            throw new InvalidOperationException("The transport does not run.");
        }

        Interlocked.Increment(ref _adopting);
        ThreadPool.UnsafeQueueUserWorkItem(
            static adoption => adoption.Transport.RunAdoption(adoption.Socket, adoption.State),
            (Transport: this, Socket: socket, State: state),
            preferLocal: false);
    }

    /// <inheritdoc/>
    public async Task AdoptAsync(IAdoptionSource source)
    {
        ArgumentNullException.ThrowIfNull(source);
        if (_connectionDelegate is null || Volatile.Read(ref _disposed) != 0)
        {
            throw new InvalidOperationException("The transport does not run.");
        }

        int next = -1;
        int end = source.Count;
        void AdoptNext()
        {
            for (int index; (index = Interlocked.Increment(ref next)) < end;)
            {
                try
                {
                    DetachedSocket socket = source.Read(index, out object? state);
                    Interlocked.Increment(ref _adopting);
                    RunAdoption(socket, state);
                }
                catch (Exception exception)
                {
                    _logger.AdoptionFailed(exception);
                }
            }
        }

        await Task.WhenAll(Enumerable.Range(0, Environment.ProcessorCount).Select(_ => Task.Run(AdoptNext)));
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<DetachedSocket>> DetachClosingAsync() =>
        ValueTask.FromResult<IReadOnlyList<DetachedSocket>>(
            [.. _lingering.Connections.Select(static connection => connection.DetachClosing()).OfType<DetachedSocket>()]);

    /// <summary>Any thread. Connections that have left and whose first descriptor is not closed yet.</summary>
    internal void CountHeldTwice(int change) => Interlocked.Add(ref _heldTwice, change);

    private static Socket Open(int descriptor) => new(new SafeSocketHandle(descriptor, ownsHandle: true));

    /// <summary>A new connection may replace an adopted connection, never the other way round: adoptions that have begun come first.</summary>
    private void StartAccepting()
    {
        if (!_isPaused && !_isAccepting && _connectionDelegate is not null && Volatile.Read(ref _adopting) == 0)
        {
            _isAccepting = true;
            Task earlier = _paused;
            foreach (SocketListener listener in _listeners)
            {
                listener.Start(earlier);
            }
        }
    }

    private void RunAdoption(DetachedSocket socket, object? state)
    {
        SocketConnection? connection = null;
        try
        {
            Socket opened = Open(socket.Descriptor);
            connection = state is null ? new SocketConnection(this, opened) : new AdoptedSocketConnection(this, opened, state);
            Interlocked.Increment(ref _connectionCount);
            _metrics.ConnectionAdopted();
            connection.Adopt(socket);
            _ = state is null ? RunClosingAsync(connection) : RunAsync(connection, _connectionDelegate!);
            (connection as AdoptedSocketConnection)?.DropState();
        }
        catch (Exception exception)
        {
            _logger.AdoptionFailed(exception);
            if (connection is not null)
            {
                connection.Abort(new ConnectionAbortedException("The connection could not be taken over.", exception));
                Release(connection);
            }
        }
        finally
        {
            if (Interlocked.Decrement(ref _adopting) == 0)
            {
                lock (_accepting)
                {
                    StartAccepting();
                }
            }
        }
    }

    /// <summary>The handler of the connection has run in the earlier process: close the connection as after the end of a handler.</summary>
    private Task RunClosingAsync(SocketConnection connection)
    {
        _lingering.Add(connection);
        return CloseAsync(connection);
    }
}
