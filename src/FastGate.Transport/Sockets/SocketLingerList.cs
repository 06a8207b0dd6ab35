using System.Collections.Concurrent;
using System.IO.Pipelines;
using System.Net.Sockets;
using FastGate.Transport.Diagnostics;
using Microsoft.AspNetCore.Connections;

namespace FastGate.Transport.Sockets;

/// <summary>
/// Every live connection of the sockets transport, and the deadline of those that are being closed: one timer for all of
/// them. Any thread.
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
    /// Says that no more will be sent, then reads and discards until the peer has said the same, within the bounds: a socket
    /// closed with unread input sends a reset, which destroys the answer that was just sent.
    /// </summary>
    public async Task CloseAsync(ConnectionContext connection, Socket socket, int byteLimit)
    {
        if (_deadlines.TryGetValue(connection, out _) && !connection.ConnectionClosed.IsCancellationRequested)
        {
            _deadlines[connection] = Environment.TickCount64 + _lingerMs;
            Interlocked.Increment(ref _lingering);
            try
            {
                await connection.Transport.Output.FlushAsync();
                socket.Shutdown(SocketShutdown.Send);
                await DiscardAsync(connection.Transport.Input, byteLimit);
            }
            catch (Exception exception) when (exception is IOException or SocketException or InvalidOperationException)
            {
                // Reset by the peer, aborted, or the handler has completed the pipe: nothing is left to be polite about.
            }
            finally
            {
                Interlocked.Decrement(ref _lingering);
            }
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
                // Not a plain store: the connection may have been removed meanwhile and must not come back.
                _deadlines.TryUpdate(connection, NoDeadline, deadline);
                _metrics.LingerExpired();
                connection.Abort(new ConnectionAbortedException("The peer kept its side open."));
            }
        }
    }
}
