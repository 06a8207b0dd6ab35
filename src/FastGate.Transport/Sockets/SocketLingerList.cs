using System.Collections.Concurrent;
using System.IO.Pipelines;
using System.Net.Sockets;
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

    private readonly ConcurrentDictionary<ConnectionContext, long> _deadlines = new(ReferenceEqualityComparer.Instance);
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

    public void Add(ConnectionContext connection) => _deadlines[connection] = NoDeadline;

    public void Remove(ConnectionContext connection) => _deadlines.TryRemove(connection, out _);

    /// <summary>
    /// Ends the sending side, then reads and discards until the peer ends its side, within the limits: closing a socket with unread input
    /// sends a reset, which destroys the answer that was just sent.
    /// </summary>
    public async Task CloseAsync(ConnectionContext connection, Socket socket, int byteLimit)
    {
        if (connection.ConnectionClosed.IsCancellationRequested)
        {
            return;
        }

        _deadlines[connection] = Environment.TickCount64 + _lingerMs;
        Interlocked.Increment(ref _lingering);
        try
        {
            await connection.Transport.Output.FlushAsync();

            // Reads before the peer learns of the end: a read that the handler left pending then fails before later bytes can reach it.
            Task discarding = DiscardAsync(connection.Transport.Input, byteLimit);
            socket.Shutdown(SocketShutdown.Send);
            await discarding;
        }
        catch (Exception exception) when (exception is IOException or SocketException or InvalidOperationException)
        {
            // Reset by the peer, aborted, or the handler has completed the pipe or left a read pending: close at once.
        }
        finally
        {
            Interlocked.Decrement(ref _lingering);
        }
    }

    public void AbortAll()
    {
        foreach (ConnectionContext connection in _deadlines.Keys)
        {
            connection.Abort(new ConnectionAbortedException("The transport has stopped."));
        }
    }

    public void Dispose() => _timer.Dispose();

    private static async Task DiscardAsync(PipeReader input, int byteLimit)
    {
        for (long left = byteLimit; left > 0;)
        {
            ReadResult result = await input.ReadAsync();
            left -= result.Buffer.Length;
            input.AdvanceTo(result.Buffer.End);
            if (result.IsCompleted)
            {
                return;
            }
        }
    }

    private void Tick()
    {
        if (Volatile.Read(ref _lingering) == 0)
        {
            return;
        }

        long now = Environment.TickCount64;
        foreach ((ConnectionContext connection, long deadline) in _deadlines)
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
