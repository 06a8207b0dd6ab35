using FastGate.Transport.Diagnostics;

namespace FastGate.Transport.Loops;

/// <summary>
/// The end of a loop's connections. Descriptors are closed here and nowhere else, after the batch of events: a number that is
/// free again can then never be meant by an event already fetched. Owned by the loop.
/// </summary>
internal sealed class ConnectionCloser(EventLoop loop, TransportMetrics metrics)
{
    /// <summary>Deadlines closer together than this share a wake-up.</summary>
    private const int CoarseMs = 20;

    // All linger equally long, so the first in is the first due.
    private readonly Queue<(LoopConnection Connection, long DeadlineMs)> _lingering = new();
    private readonly List<LoopConnection> _closing = [];
    private long _trimAtMs = long.MaxValue;

    /// <summary>How long the loop may sleep for the sake of what is done here; -1 is for ever.</summary>
    public int TimeoutMs
    {
        get
        {
            if (_closing.Count > 0)
            {
                return 0;
            }

            long next = Math.Min(_lingering.TryPeek(out (LoopConnection Connection, long DeadlineMs) first) ? first.DeadlineMs : long.MaxValue, _trimAtMs);
            return next == long.MaxValue ? -1 : (int)Math.Clamp(next - Environment.TickCount64, CoarseMs, int.MaxValue);
        }
    }

    /// <summary>The descriptor will be closed after this batch.</summary>
    public void Close(LoopConnection connection) => _closing.Add(connection);

    /// <summary>The connection will be closed when its time is up.</summary>
    public void Linger(LoopConnection connection) =>
        _lingering.Enqueue((connection, Environment.TickCount64 + (long)loop.Settings.Linger.TotalMilliseconds));

    /// <summary>After each batch.</summary>
    public void Sweep()
    {
        if (_lingering.Count > 0 || _trimAtMs != long.MaxValue)
        {
            OnTime(Environment.TickCount64);
        }

        if (_closing.Count == 0)
        {
            return;
        }

        foreach (LoopConnection connection in _closing)
        {
            CloseDescriptor(connection);
        }

        _closing.Clear();
        if (_closing.Capacity > 1024)
        {
            _closing.TrimExcess();
        }

        if (loop.Pool.RetainedBytes > 0 || loop.Connections.Count == 0)
        {
            _trimAtMs = Environment.TickCount64 + (long)loop.Settings.TrimDelay.TotalMilliseconds;
        }
    }

    /// <summary>The loop ends: nothing may be left open.</summary>
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

    /// <summary>Whoever waits on the connection's pipes is continued in here, and what he throws is nobody else's.</summary>
    private void CloseDescriptor(LoopConnection connection)
    {
        try
        {
            connection.CloseDescriptor();
        }
        catch (Exception exception)
        {
            loop.Faulted(connection, exception);
        }
    }

    private void OnTime(long nowMs)
    {
        while (_lingering.TryPeek(out (LoopConnection Connection, long DeadlineMs) first) && (first.Connection.IsClosed || first.DeadlineMs <= nowMs))
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
