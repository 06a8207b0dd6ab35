using FastGate.Transport.Accept;
using FastGate.Transport.Diagnostics;
using FastGate.Transport.Linux;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;

namespace FastGate.Transport.Loops;

/// <summary>
/// A listening socket of a loop. It accepts in batches, so that many connects do not starve the open connections, and remembers that more
/// may wait, because epoll reports an edge once. Owned by the loop.
/// </summary>
internal sealed unsafe partial class EventLoopListener : IDisposable
{
    /// <summary>Accepts in one turn of the loop, each of which takes about 25 µs: with 64 the messages of a turn waited for 1.6 ms.</summary>
    public const int BatchSize = 16;

    private readonly EventLoop _loop;
    private readonly ConnectionDelegate _connectionDelegate;
    private readonly ILogger _logger;
    private readonly TransportMetrics _metrics;
    private readonly AcceptGate _gate;
    private readonly AcceptBackoff _backoff = new();
    private readonly WaitingConnects<LoopConnect> _waiting = new();
    private readonly IAcceptPolicy? _policy;
    private readonly RefusedSources? _refused;
    private int _resets;
    private bool _mayHaveMore;
    private bool _paused;
    private bool _held;
    private long _pausedUntilMs;

    public EventLoopListener(EventLoop loop, int descriptor, ConnectionDelegate connectionDelegate, ILogger logger, TransportMetrics metrics, bool isHeld = false)
    {
        _loop = loop;
        Descriptor = descriptor;
        _connectionDelegate = connectionDelegate;
        _logger = logger;
        _metrics = metrics;
        _held = isHeld;
        _policy = loop.Options.Policy;
        _refused = _policy is null ? null : new RefusedSources();
        _gate = new AcceptGate(logger, metrics, loop.Options.DescriptorCeiling);

        // Connections may have arrived before epoll watched the listener.
        _mayHaveMore = true;
    }

    /// <summary>Negative once closed.</summary>
    public int Descriptor { get; private set; }

    /// <summary>Whether an accept may succeed now, or an accepted connection may be served.</summary>
    public bool HasMore => !_paused && !_held && (_waiting.Count == 0 ? _mayHaveMore : HasTurn);

    public EventLoop Loop => _loop;

    /// <summary>How long the loop may sleep; -1 means without limit.</summary>
    public int TimeoutMs =>
        _isFiltered ? (int)Math.Min((uint)TurnTimeoutMs, (uint)_refused!.TimeoutMs(Environment.TickCount64)) : TurnTimeoutMs;

    private int TurnTimeoutMs =>
        _paused ? (int)Math.Clamp(_pausedUntilMs - Environment.TickCount64, 0, AcceptBackoff.LongestDelayMs)
        : _waiting.Count > 0 ? StormTimeoutMs
        : -1;

    public void OnReadable() => _mayHaveMore = Descriptor >= 0;

    /// <summary>While held, connections wait in the kernel. Afterwards they are accepted at once: their edge may be past.</summary>
    public void Hold(bool isHeld)
    {
        _held = isHeld;
        EndFilter();
        ServeAllWaiting();
        OnReadable();
    }

    public void AcceptBatch()
    {
        if (_paused && Environment.TickCount64 >= _pausedUntilMs)
        {
            _paused = false;
        }

        if (_isFiltered && _refused!.TryForget(Environment.TickCount64))
        {
            EndFilter();
        }

        if (!HasMore)
        {
            return;
        }

        _resets = 0;
        if (_waiting.Count > 0)
        {
            ServeStorm();
            return;
        }

        byte* address = stackalloc byte[LinuxSocket.AddressSize];
        int refused = 0;
        for (int i = 0; i < BatchSize && HasMore && _resets < MostResets; i++)
        {
            int descriptor = Accept(address, ref refused);
            if (descriptor >= 0)
            {
                ServeOrWait(descriptor, new ReadOnlySpan<byte>(address, LinuxSocket.AddressSize));
            }
        }

        if (refused == BatchSize)
        {
            // Refusals alone must not keep the loop busy.
            Pause(AcceptBackoff.FirstDelayMs);
        }
        else if (_policy is not null && HasMore && _resets < MostResets)
        {
            AcceptWaiting();
        }
    }

    public void Dispose()
    {
        if (Descriptor >= 0)
        {
            // No shutdown: another process may hold the same socket. Its events must end here.
            EndFilter();
            _loop.Detach(this);
            LinuxSocket.Close(Descriptor);
            Descriptor = -1;
        }

        _mayHaveMore = false;
        _paused = false;
        CloseAllWaiting();
        _gate.Dispose();
    }

    /// <summary>The next connection that may be served; negative after an error or a refusal.</summary>
    private int Accept(byte* address, ref int refused)
    {
        int descriptor = LinuxSocket.Accept(Descriptor, address);
        if (descriptor < 0)
        {
            OnError(descriptor);
            return -1;
        }

        if (_mayInheritFilter)
        {
            LinuxSocket.DetachFilter(descriptor);
        }

        bool hasRoom;
        UInt128? refusedSource = null;
        try
        {
            hasRoom = _gate.Admits(descriptor);
            if (hasRoom && _policy is not null && LinuxAddress.ValueOf(new ReadOnlySpan<byte>(address, LinuxSocket.AddressSize)) is UInt128 source && !_policy.Admits(source))
            {
                refusedSource = source;
            }
        }
        catch
        {
            // Nothing owns the descriptor yet.
            LinuxSocket.Close(descriptor);
            throw;
        }

        if (!hasRoom)
        {
            Refuse(descriptor);
            refused++;
            _policy?.OnClosed(LinuxAddress.ValueOf(new ReadOnlySpan<byte>(address, LinuxSocket.AddressSize)), AcceptRefusal.NoDescriptor);
            return -1;
        }

        if (refusedSource is { } peer)
        {
            // A reset: the kernel keeps nothing of it, however long the peer keeps its side open.
            LinuxSocket.Reset(descriptor);
            _resets++;
            AddRefusal(peer);
            return -1;
        }

        _backoff.Reset();
        return descriptor;
    }

    private void Serve(int descriptor, ReadOnlySpan<byte> address)
    {
        LoopConnection? connection = null;
        bool isRegistered;
        try
        {
            connection = new LoopConnection(_loop, descriptor, address);
            isRegistered = connection.TryRegister(isAdopted: false);
        }
        catch
        {
            // Nothing owns the descriptor yet.
            _loop.Connections.Remove(connection);
            LinuxSocket.Close(descriptor);
            throw;
        }

        if (!isRegistered)
        {
            // First: what counts and logs may fail, and nothing owns the descriptor.
            Refuse(descriptor);
            _metrics.AcceptFailed(AcceptErrorKind.Pressure);
            _gate.OnPressure("the kernel has no room to watch another connection");
            _metrics.ConnectionRefused();
            _policy?.OnClosed(LinuxAddress.ValueOf(address), AcceptRefusal.NoDescriptor);
            return;
        }

        _loop.BeginShare();
        connection.Start(_connectionDelegate);
    }

    private void OnError(int error)
    {
        if (error == -LinuxError.Again)
        {
            _mayHaveMore = false;
            _mayInheritFilter = _isFiltered;
            return;
        }

        AcceptErrorKind kind = LinuxError.AcceptKind(error);
        _metrics.AcceptFailed(kind);
        if (kind == AcceptErrorKind.Fatal)
        {
            _logger.ListenerLost(new IOException(LinuxError.Describe(error)));
            Dispose();
            return;
        }

        if (kind == AcceptErrorKind.Pressure && _gate.OnPressure(LinuxError.Describe(error)))
        {
            return;
        }

        int delayMs = _backoff.NextDelayMs(kind);
        if (delayMs > 0)
        {
            _logger.AcceptPaused(LinuxError.Describe(error), delayMs);
            Pause(delayMs);
        }
    }

    private void Pause(int delayMs)
    {
        _paused = true;
        _pausedUntilMs = Environment.TickCount64 + delayMs;
    }

    private void Refuse(int descriptor)
    {
        if (!_loop.Options.Refusal.IsEmpty)
        {
            LinuxSocket.Send(descriptor, _loop.Options.Refusal.Span);
        }

        LinuxSocket.ShutdownSend(descriptor);

        // Unread input would turn the close into a reset that overtakes the answer.
        LinuxSocket.Receive(descriptor, _loop.Buffers.ReceiveBuffer().Array);
        LinuxSocket.Close(descriptor);
    }
}
