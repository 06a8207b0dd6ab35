using System.Collections.Concurrent;
using FastGate.Transport.Diagnostics;
using Microsoft.AspNetCore.Connections;

namespace FastGate.Transport.Sockets;

/// <summary>
/// The open connections of the sockets transport, and the deadlines of those that are closing: one timer for all of them. Any thread.
/// </summary>
internal sealed class SocketLingerList : IDisposable
{
    private const int TickMs = 250;
    private const long NoDeadline = long.MaxValue;

    private readonly ConcurrentDictionary<SocketConnection, long> _deadlines = new(ReferenceEqualityComparer.Instance);
    private readonly long _lingerMs;
    private readonly TransportMetrics _metrics;
    private readonly Timer _timer;
    private int _lingering;

    public SocketLingerList(TimeSpan linger, TransportMetrics metrics)
    {
        _lingerMs = (long)linger.TotalMilliseconds;
        _metrics = metrics;
        _timer = new Timer(static state => ((SocketLingerList)state!).Tick(), this, TickMs, TickMs);
    }

    public void Add(SocketConnection connection) => _deadlines[connection] = NoDeadline;

    public void Remove(SocketConnection connection) => _deadlines.TryRemove(connection, out _);

    /// <summary>The open connections.</summary>
    public ICollection<SocketConnection> Connections => _deadlines.Keys;

    /// <summary>
    /// Sends what is left and ends the sending side, then reads and discards until the peer ends its side, within the limits: closing a socket
    /// with unread input sends a reset, which destroys the answer that was just sent.
    /// </summary>
    public async Task CloseAsync(SocketConnection connection, int byteLimit)
    {
        // A read that the handler left pending fails before later bytes can reach it.
        bool canRead = connection.Reader.Release();
        connection.BeginClosing();
        if (connection.IsGone)
        {
            return;
        }

        _deadlines.TryUpdate(connection, Environment.TickCount64 + _lingerMs, NoDeadline);
        Interlocked.Increment(ref _lingering);
        try
        {
            await connection.Writer.SendAllAsync();
            if (connection.Fault is null && !connection.Reader.InputEnded)
            {
                connection.ShutdownSend();
                if (canRead)
                {
                    await connection.Reader.DiscardAsync(byteLimit);
                }
            }
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException)
        {
            // Reset by the peer, aborted, or the socket has another owner.
        }
        finally
        {
            Interlocked.Decrement(ref _lingering);
        }
    }

    public void AbortAll()
    {
        foreach (SocketConnection connection in _deadlines.Keys)
        {
            connection.Abort(new ConnectionAbortedException("The transport has stopped."));
        }
    }

    public void Dispose() => _timer.Dispose();

    private void Tick()
    {
        if (Volatile.Read(ref _lingering) == 0)
        {
            return;
        }

        long now = Environment.TickCount64;
        foreach ((SocketConnection connection, long deadline) in _deadlines)
        {
            if (deadline <= now)
            {
                // TryUpdate never adds: the connection may have been removed meanwhile.
                _deadlines.TryUpdate(connection, NoDeadline, deadline);
                _metrics.LingerExpired();
                connection.Abort(new ConnectionAbortedException("The peer kept its side open."));
            }
        }
    }
}
