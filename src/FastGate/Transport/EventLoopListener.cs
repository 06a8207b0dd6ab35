using FastGate.Diagnostics;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;

namespace FastGate.Transport;

/// <summary>
/// A loop's own listening socket. It accepts in batches, so that a storm of connects does not starve the connected, and
/// remembers that there were more: an edge is told once. Owned by the loop.
/// </summary>
internal sealed unsafe class EventLoopListener : IDisposable
{
    /// <summary>Accepts in one turn of the loop.</summary>
    public const int BatchSize = 64;

    private readonly EventLoop _loop;
    private readonly ConnectionDelegate _connectionDelegate;
    private readonly ILogger _logger;
    private readonly TransportMetrics _metrics;
    private readonly ReserveDescriptor _reserve = new();
    private readonly AcceptBackoff _backoff = new();
    private bool _more;
    private bool _paused;
    private bool _pressed;
    private long _pausedUntilMs;

    public EventLoopListener(EventLoop loop, int descriptor, ConnectionDelegate connectionDelegate, ILogger logger, TransportMetrics metrics)
    {
        _loop = loop;
        Descriptor = descriptor;
        _connectionDelegate = connectionDelegate;
        _logger = logger;
        _metrics = metrics;

        // Connects may have come before the listener was watched.
        _more = true;
    }

    /// <summary>Negative once closed.</summary>
    public int Descriptor { get; private set; }

    /// <summary>There is something to accept at once.</summary>
    public bool HasMore => _more && !_paused;

    /// <summary>How long the loop may sleep for the listener's sake; -1 is for ever.</summary>
    public int TimeoutMs => _paused ? (int)Math.Clamp(_pausedUntilMs - Environment.TickCount64, 0, AcceptBackoff.LongestDelayMs) : -1;

    public void OnReadable() => _more = true;

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
        for (int i = 0; i < BatchSize && HasMore; i++)
        {
            int descriptor = LinuxSocket.Accept(Descriptor, address);
            if (descriptor >= 0)
            {
                OnAccepted();
                Serve(descriptor, new ReadOnlySpan<byte>(address, LinuxSocket.AddressSize));
            }
            else
            {
                OnError(descriptor);
            }
        }
    }

    public void Dispose()
    {
        if (Descriptor >= 0)
        {
            // Never shut down: another process may hold the same socket.
            LinuxSocket.Close(Descriptor);
            Descriptor = -1;
        }

        _more = false;
        _paused = false;
        _reserve.Dispose();
    }

    private void Serve(int descriptor, ReadOnlySpan<byte> address)
    {
        var connection = new LoopConnection(_loop, descriptor, address);
        if (!connection.TryRegister())
        {
            LinuxSocket.Close(descriptor);
            _metrics.AcceptFailed(nameof(AcceptErrorKind.Pressure));
            return;
        }

        _loop.ReadsLeft = LoopConnection.ReadsPerTurn;
        connection.Start(_connectionDelegate);
        _loop.Buffers.EndLoans();
    }

    private void OnAccepted()
    {
        _backoff.Reset();
        if (_pressed)
        {
            _pressed = false;
            TransportLog.AcceptResumed(_logger);
        }
    }

    private void OnError(int error)
    {
        if (error == -LinuxSocket.AgainError)
        {
            _more = false;
            return;
        }

        AcceptErrorKind kind = LinuxError.AcceptKind(error);
        _metrics.AcceptFailed(kind.ToString());
        if (kind == AcceptErrorKind.Fatal)
        {
            TransportLog.ListenerLost(_logger, new IOException(LinuxError.Describe(error)));
            Dispose();
            return;
        }

        bool refusing = kind == AcceptErrorKind.Pressure && RefuseWaiting();
        int delayMs = _more ? _backoff.NextDelayMs(kind, refusing) : 0;
        if (delayMs > 0)
        {
            _paused = true;
            _pausedUntilMs = Environment.TickCount64 + delayMs;
        }

        if (kind == AcceptErrorKind.Pressure && !_pressed)
        {
            _pressed = true;
            TransportLog.AcceptPaused(_logger, LinuxError.Describe(error), delayMs);
        }
    }

    /// <summary>
    /// Spends the reserve on those who wait, one after the other, up to a batch. True when that worked, so that newcomers are
    /// answered at a steady pace instead of hanging ever longer in the backlog. When nobody waits any more there is nothing to
    /// come back for: the next newcomer is an edge of its own.
    /// </summary>
    private bool RefuseWaiting()
    {
        byte* address = stackalloc byte[LinuxSocket.AddressSize];
        for (int i = 0; i < BatchSize; i++)
        {
            if (!_reserve.Release())
            {
                return _reserve.TryTake();
            }

            int descriptor = LinuxSocket.Accept(Descriptor, address);
            bool roomAgain = _reserve.TryTake();
            if (descriptor < 0)
            {
                _more = descriptor != -LinuxSocket.AgainError || !roomAgain;
                return !_more;
            }

            if (roomAgain)
            {
                OnAccepted();
                Serve(descriptor, new ReadOnlySpan<byte>(address, LinuxSocket.AddressSize));
                continue;
            }

            Refuse(descriptor);
            _reserve.TryTake();
        }

        return true;
    }

    private void Refuse(int descriptor)
    {
        _metrics.ConnectionRefused();
        ReadOnlySpan<byte> refusal = _loop.Settings.Refusal.Span;
        fixed (byte* pointer = refusal)
        {
            if (refusal.Length > 0)
            {
                LinuxSocket.Send(descriptor, pointer, refusal.Length);
            }
        }

        LinuxSocket.ShutdownSend(descriptor);

        // What has been read cannot turn the close into a reset that overtakes the answer.
        PipeSegment buffer = _loop.Buffers.ReceiveBuffer();
        fixed (byte* pointer = buffer.Array)
        {
            LinuxSocket.Receive(descriptor, pointer, buffer.Array.Length);
        }

        LinuxSocket.Close(descriptor);
    }
}
