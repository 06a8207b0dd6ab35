using FastGate.Transport.Accept;
using FastGate.Transport.Diagnostics;
using FastGate.Transport.Linux;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;

namespace FastGate.Transport.Loops;

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
    private readonly AcceptGate _gate;
    private readonly AcceptBackoff _backoff = new();
    private bool _more;
    private bool _paused;
    private long _pausedUntilMs;

    public EventLoopListener(EventLoop loop, int descriptor, ConnectionDelegate connectionDelegate, ILogger logger, TransportMetrics metrics)
    {
        _loop = loop;
        Descriptor = descriptor;
        _connectionDelegate = connectionDelegate;
        _logger = logger;
        _metrics = metrics;
        _gate = new AcceptGate(logger, metrics, loop.Settings.DescriptorCeiling);

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
            // A storm of connects must not keep the loop busy with refusals.
            Pause(AcceptBackoff.FirstDelayMs);
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
        _gate.Dispose();
    }

    private void Serve(int descriptor, ReadOnlySpan<byte> address)
    {
        var connection = new LoopConnection(_loop, descriptor, address);
        if (!connection.TryRegister())
        {
            _metrics.AcceptFailed(AcceptErrorKind.Pressure);
            _gate.OnPressure("the kernel has no room to watch another connection");
            _metrics.ConnectionRefused();
            Refuse(descriptor);
            return;
        }

        _loop.ReadsLeft = LoopConnection.ReadsPerTurn;
        connection.Start(_connectionDelegate);
    }

    private void OnError(int error)
    {
        if (error == -LinuxError.Again)
        {
            _more = false;
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
