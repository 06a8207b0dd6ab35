using System.Buffers;
using System.IO.Pipelines;
using System.Net.Sockets;
using FastGate.Transport;
using Microsoft.AspNetCore.Connections;

namespace FastGate.Tests.Transport;

/// <summary>How every transport ends a connection.</summary>
public sealed class TransportCloseTests
{
    private static readonly byte[] s_goodbye = "goodbye!"u8.ToArray();

    public static TheoryData<TransportKind> Kinds => [TransportKind.Sockets, TransportKind.EventLoop];

    [Theory, MemberData(nameof(Kinds))]
    public async Task A_peer_that_ends_its_side_still_receives_the_answer(TransportKind kind)
    {
        await using TransportHarness harness = await TransportHarness.Create(kind).StartAsync(async connection =>
        {
            ReadResult result;
            long length = 0;
            do
            {
                result = await connection.Transport.Input.ReadAsync();
                length += result.Buffer.Length;
                connection.Transport.Input.AdvanceTo(result.Buffer.End);
            }
            while (!result.IsCompleted);

            connection.Transport.Output.Write(BitConverter.GetBytes(length));
            await connection.Transport.Output.FlushAsync();
        });
        using Socket socket = await harness.ConnectAsync();
        await socket.SendAsync(new byte[100_000]);
        socket.Shutdown(SocketShutdown.Send);
        Assert.Equal(BitConverter.GetBytes(100_000L), await TransportAssert.ReceiveAsync(socket, 8).Within());
        Assert.Equal(0, await socket.ReceiveAsync(new byte[1]).Within());
        await TransportAssert.NoneLeftAsync(harness);
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task A_reset_fails_the_read_and_ends_the_connection(TransportKind kind)
    {
        var seen = new TaskCompletionSource<Exception>();
        await using TransportHarness harness = await TransportHarness.Create(kind).StartAsync(async connection =>
        {
            try
            {
                await connection.Transport.Input.ReadAsync();
            }
            catch (Exception exception)
            {
                seen.SetResult(exception);
            }
        });
        using Socket socket = await harness.ConnectAsync();
        await Eventually.TrueAsync(() => harness.Transport.ConnectionCount == 1, "accepted");
        socket.LingerState = new LingerOption(true, 0);
        socket.Close();
        Assert.IsType<ConnectionResetException>(await seen.Task.Within());
        await TransportAssert.NoneLeftAsync(harness);
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task Abort_from_another_thread_ends_a_waiting_read(TransportKind kind)
    {
        var accepted = new TaskCompletionSource<ConnectionContext>();
        var seen = new TaskCompletionSource<Exception>();
        await using TransportHarness harness = await TransportHarness.Create(kind).StartAsync(async connection =>
        {
            accepted.SetResult(connection);
            try
            {
                await connection.Transport.Input.ReadAsync();
            }
            catch (Exception exception)
            {
                seen.SetResult(exception);
            }
        });
        using Socket socket = await harness.ConnectAsync();
        ConnectionContext connection = await accepted.Task.Within();
        connection.Abort(new ConnectionAbortedException("enough"));
        Assert.Equal("enough", Assert.IsType<ConnectionAbortedException>(await seen.Task.Within()).Message);
        await TransportAssert.EndedAsync(socket);
        await TransportAssert.NoneLeftAsync(harness);
        var closed = new TaskCompletionSource();
        connection.ConnectionClosed.Register(closed.SetResult);
        await closed.Task.Within();
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task Unread_input_does_not_destroy_the_last_answer(TransportKind kind)
    {
        await using TransportHarness harness = await TransportHarness.Create(kind).StartAsync(async connection =>
        {
            ReadResult result = await connection.Transport.Input.ReadAsync();
            connection.Transport.Input.AdvanceTo(result.Buffer.Start);
            connection.Transport.Output.Write(s_goodbye);
            await connection.Transport.Output.FlushAsync();
        });
        for (int i = 0; i < 20; i++)
        {
            using Socket socket = await harness.ConnectAsync();
            await socket.SendAsync(new byte[200_000]);
            Assert.Equal(s_goodbye, await TransportAssert.ReceiveAsync(socket, s_goodbye.Length).Within());
            Assert.Equal(0, await socket.ReceiveAsync(new byte[1]).Within());
        }

        await TransportAssert.NoneLeftAsync(harness);
        Assert.Equal(0, harness.Count("linger_expired"));
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task A_peer_that_never_ends_its_side_is_closed_after_the_linger_time(TransportKind kind)
    {
        var settings = new TransportOptions { EventLoops = 1, Linger = TimeSpan.FromMilliseconds(100) };
        await using TransportHarness harness = await TransportHarness.Create(kind, settings).StartAsync(_ => Task.CompletedTask);
        using Socket socket = await harness.ConnectAsync();
        Assert.Equal(0, await socket.ReceiveAsync(new byte[1]).Within());
        await TransportAssert.NoneLeftAsync(harness);
        Assert.Equal(1, harness.Count("linger_expired"));
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task A_peer_that_sends_without_end_is_closed_after_the_linger_bytes(TransportKind kind)
    {
        var settings = new TransportOptions { EventLoops = 1, Linger = TimeSpan.FromMinutes(10), LingerBytes = 1_000_000 };
        await using TransportHarness harness = await TransportHarness.Create(kind, settings).StartAsync(_ => Task.CompletedTask);
        using Socket socket = await harness.ConnectAsync();
        await Assert.ThrowsAsync<SocketException>(async () =>
        {
            while (true)
            {
                await socket.SendAsync(new byte[100_000]).Within();
            }
        });
        await TransportAssert.NoneLeftAsync(harness);
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task Large_output_reaches_a_slow_reader(TransportKind kind)
    {
        byte[] sent = new byte[16 * 1024 * 1024];
        Random.Shared.NextBytes(sent);
        var flushing = new TaskCompletionSource<Task>();
        await using TransportHarness harness = await TransportHarness.Create(kind).StartAsync(async connection =>
        {
            connection.Transport.Output.Write(sent);
            Task flush = connection.Transport.Output.FlushAsync().AsTask();
            flushing.SetResult(flush);
            await flush;
        });
        using Socket socket = await harness.ConnectAsync(static socket => socket.ReceiveBufferSize = 8 * 1024);

        // Backpressure: the flush waits for the peer.
        Task pending = await flushing.Task.Within();
        Assert.False(pending.IsCompleted);
        Assert.Equal(sent, await TransportAssert.ReceiveAsync(socket, sent.Length).Within());
        await pending.Within();
        Assert.Equal(0, await socket.ReceiveAsync(new byte[1]).Within());
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task Unflushed_bytes_are_sent_when_the_handler_ends(TransportKind kind)
    {
        await using TransportHarness harness = await TransportHarness.Create(kind).StartAsync(connection =>
        {
            connection.Transport.Output.Write(s_goodbye);
            return Task.CompletedTask;
        });
        using Socket socket = await harness.ConnectAsync();
        Assert.Equal(s_goodbye, await TransportAssert.ReceiveAsync(socket, s_goodbye.Length).Within());
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task The_answer_is_sent_after_the_input_is_completed_with_an_exception(TransportKind kind)
    {
        await using TransportHarness harness = await TransportHarness.Create(kind).StartAsync(async connection =>
        {
            ReadResult result = await connection.Transport.Input.ReadAsync();
            connection.Transport.Input.AdvanceTo(result.Buffer.End);
            connection.Transport.Input.Complete(new InvalidDataException("on purpose"));
            await Assert.ThrowsAsync<InvalidOperationException>(async () => await connection.Transport.Input.ReadAsync());
            connection.Transport.Output.Write(s_goodbye);
            await connection.Transport.Output.FlushAsync();
        });
        using Socket socket = await harness.ConnectAsync();
        await socket.SendAsync("nonsense"u8.ToArray());
        Assert.Equal(s_goodbye, await TransportAssert.ReceiveAsync(socket, s_goodbye.Length).Within());
        await TransportAssert.EndedAsync(socket);
        socket.Close();
        await TransportAssert.NoneLeftAsync(harness);
        Assert.Equal(0, harness.Count("faults"));
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task Output_completed_with_an_exception_ends_the_connection(TransportKind kind)
    {
        var ending = new TaskCompletionSource();
        await using TransportHarness harness = await TransportHarness.Create(kind).StartAsync(async connection =>
        {
            connection.Transport.Output.Write(s_goodbye);
            await connection.Transport.Output.FlushAsync();
            ReadResult result = await connection.Transport.Input.ReadAsync();
            connection.Transport.Input.AdvanceTo(result.Buffer.End);
            connection.Transport.Output.Complete(new InvalidDataException("on purpose"));
            Assert.Throws<InvalidOperationException>(() => connection.Transport.Output.GetMemory());

            // The connection ends before the handler does.
            await ending.Task;
        });
        using Socket socket = await harness.ConnectAsync();
        Assert.Equal(s_goodbye, await TransportAssert.ReceiveAsync(socket, s_goodbye.Length).Within());
        await socket.SendAsync("go"u8.ToArray());
        await TransportAssert.EndedAsync(socket);
        ending.SetResult();
        await TransportAssert.NoneLeftAsync(harness);
    }
}
