using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using FastGate.LoadTest.Load;
using Pipelines.Sockets.Unofficial;

namespace FastGate.LoadTest.Sockets;

/// <summary>
/// A connection of Pipelines.Sockets.Unofficial. Its sockets work on the thread pool; the <see cref="LoopContext"/> of the loop's
/// thread brings every continuation back to it.
/// </summary>
internal sealed class PipelinesSocket(ISocketEvents events, IPEndPoint target, IPEndPoint? source) : DeviceSocket
{
    /// <summary>The driver never waits for a server that does not read: what is to be sent is queued without limit, as by <see cref="EpollSocket"/>.</summary>
    private static readonly PipeOptions s_sendOptions = new(pauseWriterThreshold: 0, useSynchronizationContext: false);

    /// <summary>The connection in use, replaced for each connect; a method that waited compares it with its own.</summary>
    private object? _current;
    private SocketConnection? _connection;
    private long _written;

    public override int Unsent => _connection is { } connection ? (int)(_written - connection.BytesSent) : 0;

    /// <summary>Options are set before the connect, which uses this socket.</summary>
    public static Task<SocketConnection> ConnectAsync(IPEndPoint target, IPEndPoint? source)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        SocketConnection.SetRecommendedClientOptions(socket);
        if (source is not null)
        {
            // IP_BIND_ADDRESS_NO_PORT: connect chooses the port, so that one address has all ports for each target.
            socket.SetRawSocketOption(0, 24, [1, 0, 0, 0]);
            socket.Bind(source);
        }

        return SocketConnection.ConnectAsync(target, s_sendOptions, PipeOptions.Default, SocketConnectionOptions.ZeroLengthReads, socket: socket);
    }

    public override void Connect()
    {
        object current = new();
        _current = current;
        RunAsync(current);
    }

    public override void Send(ReadOnlySpan<byte> bytes)
    {
        if (_connection is not { } connection)
        {
            return;
        }

        connection.Output.Write(bytes);
        _written += bytes.Length;
        events.OnSent(bytes.Length);
        try
        {
            // Without a pause threshold a flush completes at once. It throws when the connection has ended, which the read reports.
            ValueTask<FlushResult> flush = connection.Output.FlushAsync();
            if (flush.IsCompleted)
            {
                flush.GetAwaiter().GetResult();
            }
        }
        catch (Exception exception) when (IsConnectionError(exception))
        {
        }
    }

    public override void Close()
    {
        _current = null;
        _connection?.Dispose();
        _connection = null;
    }

    /// <summary>Exceptions that are no connection errors reach the loop through its context and end it.</summary>
    private async void RunAsync(object current)
    {
        SocketConnection connection;
        try
        {
            connection = await ConnectAsync(target, source);
        }
        catch (SocketException exception)
        {
            if (_current == current)
            {
                events.OnEnded(DeviceEnd.ConnectFailed, exception.NativeErrorCode);
            }

            return;
        }

        if (_current == current)
        {
            _connection = connection;
            _written = 0;
            events.OnConnected();
        }

        try
        {
            await ReadAsync(connection, current);
        }
        finally
        {
            connection.Dispose();
            await connection.Input.CompleteAsync();
            await connection.Output.CompleteAsync();
        }
    }

    private async Task ReadAsync(SocketConnection connection, object current)
    {
        bool completed = false;
        while (_current == current && !completed)
        {
            try
            {
                ReadResult result = await connection.Input.ReadAsync();
                foreach (ReadOnlyMemory<byte> segment in result.Buffer)
                {
                    if (_current == current)
                    {
                        events.OnReceived(segment.Span);
                    }
                }

                connection.Input.AdvanceTo(result.Buffer.End);
                completed = result.IsCompleted;
            }
            catch (Exception exception) when (IsConnectionError(exception))
            {
                completed = true;
            }
        }

        if (_current == current)
        {
            events.OnEnded(connection.ShutdownKind == PipeShutdownKind.ReadEndOfStream ? DeviceEnd.ClosedByServer : DeviceEnd.Reset);
        }
    }

    private static bool IsConnectionError(Exception exception) =>
        exception is IOException or SocketException or ObjectDisposedException or OperationCanceledException;
}
