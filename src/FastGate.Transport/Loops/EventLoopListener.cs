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
internal sealed unsafe class EventLoopListener : IDisposable
{
    /// <summary>Accepts in one turn of the loop.</summary>
    public const int BatchSize = 64;

    private readonly EventLoop _loop;
    private readonly ConnectionDelegate _connectionDelegate;
    private readonly ILogger _logger;
    private readonly TransportMetrics _metrics;
    private readonly AcceptGate _gate;
    private readonly AcceptBackoff _backoff = new();
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
        _gate = new AcceptGate(logger, metrics, loop.Options.DescriptorCeiling);

        // Connections may have arrived before epoll watched the listener.
        _mayHaveMore = true;
    }

    /// <summary>Negative once closed.</summary>
    public int Descriptor { get; private set; }

    /// <summary>Whether an accept may succeed now.</summary>
    public bool HasMore => _mayHaveMore && !_paused && !_held;

    public EventLoop Loop => _loop;

    /// <summary>How long the loop may sleep; -1 means without limit.</summary>
    public int TimeoutMs => _paused ? (int)Math.Clamp(_pausedUntilMs - Environment.TickCount64, 0, AcceptBackoff.LongestDelayMs) : -1;

    public void OnReadable() => _mayHaveMore = Descriptor >= 0;

    /// <summary>While held, connections wait in the kernel. Afterwards they are accepted at once: their edge may be past.</summary>
    public void Hold(bool isHeld)
    {
        _held = isHeld;
        OnReadable();
    }

    public void AcceptBatch()
    {
        if (_paused && Environment.TickCount64 >= _pausedUntilMs)
        {
            _paused = false;
        }

        if (!HasMore)
        {
            return;
        }

        byte* address = stackalloc byte[LinuxSocket.AddressSize];
        int refused = 0;
        for (int i = 0; i < BatchSize && HasMore; i++)
        {
            int descriptor = LinuxSocket.Accept(Descriptor, address);
            if (descriptor < 0)
            {
                OnError(descriptor);
            }
            else if (_gate.Admits(descriptor))
            {
                _backoff.Reset();
                Serve(descriptor, new ReadOnlySpan<byte>(address, LinuxSocket.AddressSize));
            }
            else
            {
                Refuse(descriptor);
                refused++;
            }
        }

        if (refused == BatchSize)
        {
            // Refusals alone must not keep the loop busy.
            Pause(AcceptBackoff.FirstDelayMs);
        }
    }

    public void Dispose()
    {
        if (Descriptor >= 0)
        {
            // No shutdown: another process may hold the same socket. Its events must end here.
            _loop.Detach(this);
            LinuxSocket.Close(Descriptor);
            Descriptor = -1;
        }

        _mayHaveMore = false;
        _paused = false;
        _gate.Dispose();
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
            _metrics.AcceptFailed(AcceptErrorKind.Pressure);
            _gate.OnPressure("the kernel has no room to watch another connection");
            _metrics.ConnectionRefused();
            Refuse(descriptor);
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
