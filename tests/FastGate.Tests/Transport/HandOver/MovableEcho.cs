using System.Buffers;
using System.Collections.Concurrent;
using System.IO.Pipelines;
using System.Threading.Channels;
using FastGate.Transport.HandOver;
using Microsoft.AspNetCore.Connections;

namespace FastGate.Tests.Transport.HandOver;

/// <summary>Echoes its input, and gives the socket of a connection away when the connection's read is cancelled.</summary>
internal sealed class MovableEcho
{
    private readonly ConcurrentDictionary<ConnectionContext, bool> _open = new();
    private readonly Channel<DetachedSocket?> _detached = Channel.CreateUnbounded<DetachedSocket?>();

    public ICollection<ConnectionContext> Open => _open.Keys;

    /// <summary>The states of adopted connections, in the order of adoption.</summary>
    public ConcurrentQueue<object> Adopted { get; } = new();

    public async Task RunAsync(ConnectionContext connection)
    {
        if (connection.Find<IAdoptedConnection>() is { } adopted)
        {
            Adopted.Enqueue(adopted.State);
        }

        _open[connection] = true;
        try
        {
            await EchoAsync(connection);
        }
        catch (Exception exception) when (exception is IOException or ConnectionAbortedException)
        {
            // Reset by the peer or aborted, as intended.
        }
        finally
        {
            _open.TryRemove(connection, out _);
        }
    }

    /// <summary>Takes out every connection that is open now.</summary>
    public async Task<List<DetachedSocket>> DetachAllAsync()
    {
        ConnectionContext[] connections = [.. Open];
        Array.ForEach(connections, static connection => connection.Transport.Input.CancelPendingRead());
        List<DetachedSocket> sockets = [];
        for (int i = 0; i < connections.Length; i++)
        {
            sockets.Add(await NextAsync() ?? throw new InvalidOperationException("The connection has failed."));
        }

        return sockets;
    }

    /// <summary>The result of the next detachment.</summary>
    public Task<DetachedSocket?> NextAsync() => _detached.Reader.ReadAsync().Within();

    private async Task EchoAsync(ConnectionContext connection)
    {
        PipeReader input = connection.Transport.Input;
        PipeWriter output = connection.Transport.Output;
        while (true)
        {
            ReadResult result = await input.ReadAsync();
            if (result.IsCanceled)
            {
                input.AdvanceTo(result.Buffer.Start);

                // Before the result is visible: this connection must not be taken for the next one.
                _open.TryRemove(connection, out _);
                _detached.Writer.TryWrite(connection.Find<IDetachableConnection>()!.Detach());
                return;
            }

            foreach (ReadOnlyMemory<byte> piece in result.Buffer)
            {
                output.Write(piece.Span);
            }

            input.AdvanceTo(result.Buffer.End);
            FlushResult flushed = await output.FlushAsync();
            if (result.IsCompleted || flushed.IsCompleted)
            {
                return;
            }
        }
    }
}
