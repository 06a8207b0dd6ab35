using FastGate.Transport.Diagnostics;

namespace FastGate.Transport.Loops;

/// <summary>
/// Closes the descriptors of a loop's connections, and is the only one to do so. It closes after a callback, never within one, which may still use the
/// descriptor. A later event of the batch finds no connection, because it carries slot and generation and not the number. Owned by the loop.
/// </summary>
internal sealed class ConnectionCloser(EventLoop loop, TransportMetrics metrics)
{
    /// <summary>Descriptors closed in one turn: at the end of a drain all may be due at once, and a close takes microseconds.</summary>
    private const int ClosesPerTurn = 256;

    /// <summary>Shortest sleep before a deadline, so that close deadlines share a wake-up.</summary>
    private const int ResolutionMs = 20;

    // Every connection lingers for the same time, so the first in the queue is the first due.
    private readonly Queue<(LoopConnection Connection, long DeadlineMs)> _lingering = new();
    private readonly Queue<LoopConnection> _closing = new();
    private long _trimAtMs = long.MaxValue;

    // Since the last sweep.
    private bool _hasClosed;

    /// <summary>How long the loop may sleep; -1 means without limit.</summary>
    public int TimeoutMs
    {
        get
        {
            if (_closing.Count > 0)
            {
                return 0;
            }

            long next = Math.Min(_lingering.TryPeek(out (LoopConnection Connection, long DeadlineMs) first) ? first.DeadlineMs : long.MaxValue, _trimAtMs);
            if (next == long.MaxValue)
            {
                return -1;
            }

            long sleep = next - Environment.TickCount64;
            return sleep <= 0 ? 0 : (int)Math.Clamp(sleep, ResolutionMs, int.MaxValue);
        }
    }

    /// <summary>Closes the descriptor after this callback, or after the batch.</summary>
    public void Close(LoopConnection connection) => _closing.Enqueue(connection);

    /// <summary>Closes the connection when the linger time is over.</summary>
    public void Linger(LoopConnection connection) =>
        _lingering.Enqueue((connection, Environment.TickCount64 + (long)loop.Options.Linger.TotalMilliseconds));

    /// <summary>
    /// Called after an event that has ended its connection; closes the first in the queue, which is that one unless a turn has left others. So the server
    /// closes after a Close handshake before its peer can do so: the peer's end would arrive here, and the kernel would take longer for the close.
    /// </summary>
    public void CloseEnded()
    {
        if (_closing.TryDequeue(out LoopConnection? connection))
        {
            CloseDescriptor(connection);
        }
    }

    /// <summary>Called after each batch.</summary>
    public void Sweep()
    {
        if (_lingering.Count > 0 || _trimAtMs != long.MaxValue)
        {
            RunDeadlines(Environment.TickCount64);
        }

        if (_closing.Count == 0 && !_hasClosed)
        {
            return;
        }

        for (int left = ClosesPerTurn; left > 0 && _closing.TryDequeue(out LoopConnection? connection); left--)
        {
            CloseDescriptor(connection);
        }

        if (_closing.Count == 0 && _closing.EnsureCapacity(0) > 1024)
        {
            _closing.TrimExcess();
        }

        if (loop.Pool.RetainedBytes > 0 || loop.Connections.Count == 0)
        {
            _trimAtMs = Environment.TickCount64 + (long)loop.Options.TrimDelay.TotalMilliseconds;
        }

        _hasClosed = false;
    }

    /// <summary>Called when the loop ends.</summary>
    public void CloseAll()
    {
        List<LoopConnection> left = [];
        loop.Connections.CopyTo(left);
        foreach (LoopConnection connection in left)
        {
            CloseDescriptor(connection);
        }

        _closing.Clear();
        _lingering.Clear();
        loop.Pool.Trim();
    }

    /// <summary>Closing continues handlers that wait on the pipes; their exceptions must not reach other connections.</summary>
    private void CloseDescriptor(LoopConnection connection)
    {
        _hasClosed = true;
        try
        {
            connection.CloseDescriptor();
        }
        catch (Exception exception)
        {
            loop.Faulted(connection, exception);
        }
    }

    private void RunDeadlines(long nowMs)
    {
        // The closes of one turn bound this too.
        while (_closing.Count < ClosesPerTurn && _lingering.TryPeek(out (LoopConnection Connection, long DeadlineMs) first) && (first.Connection.IsClosed || first.DeadlineMs <= nowMs))
        {
            _lingering.Dequeue();
            if (!first.Connection.IsClosed)
            {
                metrics.LingerExpired();
                first.Connection.CloseNow();
            }
        }

        if (_lingering.Count == 0 && _lingering.EnsureCapacity(0) > 1024)
        {
            _lingering.TrimExcess();
        }

        if (_trimAtMs <= nowMs)
        {
            _trimAtMs = long.MaxValue;
            if (loop.Connections.Count == 0)
            {
                loop.Buffers.Release();
            }

            loop.Pool.Trim();
        }
    }
}
