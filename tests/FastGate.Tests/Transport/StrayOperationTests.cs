using System.Buffers;
using System.IO.Pipelines;
using System.Net.Sockets;
using System.Threading.Channels;
using FastGate.Transport;

namespace FastGate.Tests.Transport;

/// <summary>Operations that a handler began and left pending when it ended: they must end with the connection.</summary>
public sealed class StrayOperationTests
{
    /// <summary>Several connections, because the client's late bytes race with the end of the handler.</summary>
    [Theory]
    [InlineData(TransportKind.Sockets)]
    [InlineData(TransportKind.EventLoop)]
    public async Task A_pending_read_fails_with_its_connection_and_returns_no_bytes(TransportKind kind)
    {
        const int Connections = 50;
        var begun = Channel.CreateUnbounded<Task<ReadResult>>();
        await using TransportHarness harness = await TransportHarness.Create(kind).StartAsync(connection =>
        {
            Assert.True(begun.Writer.TryWrite(connection.Transport.Input.ReadAsync().AsTask()));
            return Task.CompletedTask;
        });
        for (int i = 0; i < Connections; i++)
        {
            using Socket socket = await harness.ConnectAsync();
            Task<ReadResult> read = await begun.Reader.ReadAsync().Within();
            Assert.Equal(0, await socket.ReceiveAsync(new byte[1]).Within());
            try
            {
                await socket.SendAsync("too late"u8.ToArray());
                socket.Shutdown(SocketShutdown.Send);
            }
            catch (SocketException)
            {
                // The server has closed the connection already.
            }

            await Assert.ThrowsAsync<InvalidOperationException>(() => read.Within());
        }
    }

    [Fact]
    public async Task A_pending_flush_ends_when_its_bytes_have_been_sent()
    {
        byte[] sent = new byte[8 * 1024 * 1024];
        Random.Shared.NextBytes(sent);
        var begun = new TaskCompletionSource<Task<FlushResult>>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using TransportHarness harness = await TransportHarness.Create(TransportKind.EventLoop).StartAsync(connection =>
        {
            connection.Transport.Output.Write(sent);
            begun.SetResult(connection.Transport.Output.FlushAsync().AsTask());
            return Task.CompletedTask;
        });
        using Socket socket = await harness.ConnectAsync();
        Task<FlushResult> flush = await begun.Task.Within();
        byte[] received = new byte[sent.Length];
        for (int at = 0; at < received.Length;)
        {
            int count = await socket.ReceiveAsync(received.AsMemory(at)).Within();
            Assert.NotEqual(0, count);
            at += count;
        }

        Assert.Equal(sent, received);
        Assert.False((await flush.Within()).IsCanceled);
    }

    [Fact]
    public async Task An_exception_of_a_pending_continuation_is_a_fault_of_its_connection_only()
    {
        using var loggers = new RecordingLoggerFactory();
        var settings = new TransportOptions { EventLoops = 1, Linger = TimeSpan.FromMilliseconds(50) };
        await using TransportHarness harness = await TransportHarness.Create(TransportKind.EventLoop, settings, loggers).StartAsync(connection =>
        {
#pragma warning disable CA2012 // The awaiters are used as a compiler would use them.
            connection.Transport.Output.Write(new byte[16 * 1024 * 1024]);
            connection.Transport.Output.FlushAsync().GetAwaiter().UnsafeOnCompleted(static () => throw new InvalidOperationException("on purpose"));
            connection.Transport.Input.ReadAsync().GetAwaiter().UnsafeOnCompleted(static () => throw new InvalidOperationException("on purpose"));
#pragma warning restore CA2012
            return Task.CompletedTask;
        });
        Socket[] sockets = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => harness.ConnectAsync()));
        await Eventually.TrueAsync(() => harness.Count("accepted") == 3, "accepted");
        await Eventually.TrueAsync(() => harness.Transport.ConnectionCount == 0 && harness.Count("open") == 0, "all closed");
        await Eventually.TrueAsync(() => harness.Count("faults") == 3, "counted");
        Assert.DoesNotContain(loggers.Log.Lines, static line => line.Id == 5005);
        Array.ForEach(sockets, static socket => socket.Dispose());
    }
}
