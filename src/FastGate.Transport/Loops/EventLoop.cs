using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using FastGate.Transport.Concurrency;
using FastGate.Transport.Diagnostics;
using FastGate.Transport.HandOver;
using FastGate.Transport.Linux;
using Microsoft.Extensions.Logging;

namespace FastGate.Transport.Loops;

/// <summary>
/// One thread, one epoll, its listeners, and the connections accepted from them. Members belong to that thread unless marked "any thread".
/// Neither the loop nor a callback may block.
/// </summary>
internal sealed partial class EventLoop : IDisposable
{
    // Generation 0, which no connection has.
    private const ulong WakeData = 0;
    private const ulong FirstListenerData = 1;
    private const ulong LastLoopData = uint.MaxValue;

    /// <summary>Connections whose signals are handled in one turn.</summary>
    private const int SignalsPerTurn = 256;

    private readonly int _index;
    private readonly int _epoll;
    private readonly int _wakeEvent = -1;
    private readonly Thread _thread;
    private readonly EpollEvents _events = new();
    private readonly ConcurrentQueue<(Action<object?> Action, object? State)> _posted = new();
    private readonly ILogger _logger;
    private readonly TransportMetrics _metrics;

    private readonly Queue<LoopConnection> _ready = new();
    private LoopConnection? _signaledRest;
    private EventLoopListener[] _listeners = [];
    private int _threadId;

    // The kernel's folder of the thread; null before its start.
    private string? _task;

    // Any thread: the connections with signals, and whether the loop sleeps and must be woken.
    private IntrusiveStack<LoopConnection> _signaled;
    private int _sleeping;
    private volatile bool _stopping;
    private int _connectionCount;
    private int _handlerCount;

    public EventLoop(int index, TransportOptions options, ILogger logger, TransportMetrics metrics)
    {
        _index = index;
        _logger = logger;
        _metrics = metrics;
        Options = options;
        Buffers = new LoopBuffers(Pool);
        Closer = new ConnectionCloser(this, metrics);
        _epoll = LinuxError.ThrowIfError(LinuxEpoll.Create(), "epoll_create1");
        try
        {
            _wakeEvent = LinuxError.ThrowIfError(LinuxEpoll.CreateEvent(), "eventfd");
            LinuxError.ThrowIfError(LinuxEpoll.Add(_epoll, _wakeEvent, LinuxEpoll.In | LinuxEpoll.EdgeTriggered, WakeData), "epoll_ctl");
        }
        catch
        {
            LinuxSocket.Close(_wakeEvent);
            LinuxSocket.Close(_epoll);
            throw;
        }

        _thread = new Thread(Run) { IsBackground = true, Name = $"FastGate loop {index}" };
    }

    public int Index => _index;

    public TransportOptions Options { get; }

    public SegmentPool Pool { get; } = new();

    public LoopBuffers Buffers { get; }

    public LoopPipes Pipes { get; } = new();

    public ConnectionTable Connections { get; } = new();

    public ConnectionCloser Closer { get; }

    /// <summary>When the current turn began, as of <see cref="Environment.TickCount64"/>.</summary>
    public long TurnTickMs { get; private set; }

    /// <summary>Reads that the current connection may still make before the others are served.</summary>
    public int ReadsLeft { get; set; }

    /// <summary>Bytes of one read: fewer while many connections have more input than their share.</summary>
    public int BytesPerRead { get; private set; } = SegmentPool.LargestSize;

    /// <summary>Any thread. Whether the caller runs on this loop.</summary>
    public bool IsOnLoop
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)] // Several times for each message.
        get => Environment.CurrentManagedThreadId == _threadId;
    }

    /// <summary>Any thread. Throws unless the caller is this loop.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] // Several times for each message.
    public void ThrowIfOffLoop()
    {
        if (!IsOnLoop)
        {
            ThrowOffLoop();
        }
    }

    /// <summary>Any thread. Connections accepted and not yet closed.</summary>
    public int ConnectionCount => Volatile.Read(ref _connectionCount);

    /// <summary>Any thread. Handlers whose task has not ended.</summary>
    public int HandlerCount => Volatile.Read(ref _handlerCount);

    /// <summary>Any thread.</summary>
    public LoopLoad Load => new(_index, ConnectionCount, Volatile.Read(ref _task) is { } task ? LinuxProcess.ProcessorTime(task) : default);

    /// <summary>Events whose connection had gone already; they were in the batch of the event that ended it. For tests.</summary>
    public long StaleEvents { get; private set; }

    /// <summary>Before <see cref="Start"/>.</summary>
    public void Attach(EventLoopListener listener)
    {
        LinuxError.ThrowIfError(
            LinuxEpoll.Add(
                _epoll, listener.Descriptor, LinuxEpoll.In | LinuxEpoll.EdgeTriggered, FirstListenerData + (ulong)_listeners.Length),
            "epoll_ctl");
        _listeners = [.. _listeners, listener];
    }

    /// <summary>Before the listener is closed: another process may have a copy of its descriptor.</summary>
    public void Detach(EventLoopListener listener) => LinuxEpoll.Remove(_epoll, listener.Descriptor);

    public void Start() => _thread.Start();

    /// <summary>Any thread. Ends the loop after the current turn. False when it did not end within the timeout.</summary>
    public bool StopAndJoin(TimeSpan timeout)
    {
        _stopping = true;
        Interlocked.MemoryBarrier();
        Wake();
        if ((_thread.ThreadState & ThreadState.Unstarted) == 0 && !_thread.Join(timeout))
        {
            return false;
        }

        Dispose();
        return true;
    }

    /// <summary>After the thread has ended.</summary>
    public void Dispose()
    {
        EndWakes();
        LinuxSocket.Close(_wakeEvent);
        LinuxSocket.Close(_epoll);
        _events.Dispose();
    }

    /// <summary>Any thread. Runs the action on the loop; actions of one thread run in order.</summary>
    public void Post(Action<object?> action, object? state)
    {
        _posted.Enqueue((action, state));
        Interlocked.MemoryBarrier();
        Wake();
    }

    /// <summary>Takes out the connections whose handler has ended and which are not closed yet.</summary>
    public List<DetachedSocket> DetachClosing()
    {
        List<LoopConnection> connections = [];
        Connections.CopyTo(connections);
        List<DetachedSocket> sockets = [];
        foreach (LoopConnection connection in connections)
        {
            try
            {
                if (connection.DetachClosing() is { } socket)
                {
                    sockets.Add(socket);
                }
            }
            catch (Exception exception)
            {
                AbortFaulted(connection, exception);
            }
        }

        return sockets;
    }

    /// <summary>Any thread. Makes the loop handle the connection's signals. Called once until it has handled them.</summary>
    public void ScheduleSignals(LoopConnection connection)
    {
        // The push is a full fence: either the loop sees the connection before it sleeps, or Wake sees it sleep.
        _signaled.Push(connection);
        Wake();
    }

    /// <summary>Serves the connection again after the others.</summary>
    public void Requeue(LoopConnection connection) => _ready.Enqueue(connection);

    public int AddToEpoll(LoopConnection connection, uint events) =>
        LinuxEpoll.Add(_epoll, connection.Descriptor, events, ConnectionTable.DataOf(connection));

    public int ChangeInEpoll(LoopConnection connection, uint events) =>
        LinuxEpoll.Change(_epoll, connection.Descriptor, events, ConnectionTable.DataOf(connection));

    public void RemoveFromEpoll(LoopConnection connection) => LinuxEpoll.Remove(_epoll, connection.Descriptor);

    public void ConnectionAdded(bool isAdopted)
    {
        // First: a listener of the metrics may throw, and then the connection is not added.
        if (isAdopted)
        {
            _metrics.ConnectionAdopted();
        }
        else
        {
            _metrics.ConnectionAccepted();
        }

        Interlocked.Increment(ref _connectionCount);
        Interlocked.Increment(ref _handlerCount);
    }

    public void ConnectionClosed()
    {
        Interlocked.Decrement(ref _connectionCount);
        _metrics.ConnectionReleased();
    }

    public void HandlerEnded(LoopConnection connection, Exception? exception)
    {
        Interlocked.Decrement(ref _handlerCount);
        if (exception is not null)
        {
            Faulted(connection, exception);
        }
    }

    /// <summary>Any thread. Reports an exception that ends here.</summary>
    public void Faulted(LoopConnection connection, Exception exception)
    {
        _metrics.ConnectionFaulted();
        try
        {
            _logger.ConnectionFaulted(connection.ConnectionId, exception);
        }
        catch (Exception)
        {
            // A failing logger must not stop the work for this connection and the others.
        }
    }

    private static void ThrowOffLoop() => throw new InvalidOperationException(
        "A connection's pipes may be used on its event loop only. CancelPendingRead and Abort may be called from any thread.");
}
