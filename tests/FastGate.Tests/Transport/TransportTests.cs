using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using FastGate.Transport;
using Microsoft.AspNetCore.Connections;

namespace FastGate.Tests.Transport;

/// <summary>What the layer above may rely on, whichever transport carries it.</summary>
public sealed class TransportTests
{
    private static readonly byte[] s_farewell = "farewell"u8.ToArray();

    public static TheoryData<TransportKind> Kinds => [TransportKind.Sockets, TransportKind.EventLoop];

    [Theory, MemberData(nameof(Kinds))]
    public async Task Echo_of_every_size_comes_back(TransportKind kind)
    {
        await using TransportHarness harness = await TransportHarness.Create(kind).StartAsync(EchoHandler.RunAsync);
        using Socket socket = await harness.ConnectAsync();
        foreach (int size in (int[])[1, 125, 4_096, 65_536, 65_537, 300_000, 5_000_000])
        {
            byte[] sent = new byte[size];
            Random.Shared.NextBytes(sent);
            Task<int> sending = socket.SendAsync(sent);
            Assert.Equal(sent, await ReceiveAsync(socket, size).Within());
            await sending;
        }

        Assert.Equal(1, harness.Transport.ConnectionCount);
        Assert.Equal(1, harness.Count("accepted"));
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task A_peer_that_ends_its_side_still_gets_its_answer(TransportKind kind)
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
        Assert.Equal(BitConverter.GetBytes(100_000L), await ReceiveAsync(socket, 8).Within());
        Assert.Equal(0, await socket.ReceiveAsync(new byte[1]).Within());
        await NoneLeftAsync(harness);
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task A_reset_is_an_iOException_and_ends_the_connection(TransportKind kind)
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
        await NoneLeftAsync(harness);
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
        await EndedAsync(socket);
        await NoneLeftAsync(harness);
        var closed = new TaskCompletionSource();
        connection.ConnectionClosed.Register(closed.SetResult);
        await closed.Task.Within();
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task Unread_input_does_not_destroy_the_farewell(TransportKind kind)
    {
        await using TransportHarness harness = await TransportHarness.Create(kind).StartAsync(async connection =>
        {
            ReadResult result = await connection.Transport.Input.ReadAsync();
            connection.Transport.Input.AdvanceTo(result.Buffer.Start);
            connection.Transport.Output.Write(s_farewell);
            await connection.Transport.Output.FlushAsync();
        });
        for (int i = 0; i < 20; i++)
        {
            using Socket socket = await harness.ConnectAsync();
            await socket.SendAsync(new byte[200_000]);
            Assert.Equal(s_farewell, await ReceiveAsync(socket, s_farewell.Length).Within());
            Assert.Equal(0, await socket.ReceiveAsync(new byte[1]).Within());
        }

        await NoneLeftAsync(harness);
        Assert.Equal(0, harness.Count("linger_expired"));
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task A_peer_that_never_ends_its_side_is_closed_in_the_end(TransportKind kind)
    {
        var settings = new TransportOptions { EventLoops = 1, Linger = TimeSpan.FromMilliseconds(100) };
        await using TransportHarness harness = await TransportHarness.Create(kind, settings).StartAsync(_ => Task.CompletedTask);
        using Socket socket = await harness.ConnectAsync();
        Assert.Equal(0, await socket.ReceiveAsync(new byte[1]).Within());
        await NoneLeftAsync(harness);
        Assert.Equal(1, harness.Count("linger_expired"));
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task A_peer_that_talks_on_for_ever_is_closed_in_the_end(TransportKind kind)
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
        await NoneLeftAsync(harness);
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task Large_output_reaches_a_slow_reader_even_after_the_handler_has_ended(TransportKind kind)
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

        // The flush waits for the peer: backpressure.
        Task pending = await flushing.Task.Within();
        Assert.False(pending.IsCompleted);
        Assert.Equal(sent, await ReceiveAsync(socket, sent.Length).Within());
        await pending.Within();
        Assert.Equal(0, await socket.ReceiveAsync(new byte[1]).Within());
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task Written_but_not_flushed_goes_out_when_the_handler_ends(TransportKind kind)
    {
        await using TransportHarness harness = await TransportHarness.Create(kind).StartAsync(connection =>
        {
            connection.Transport.Output.Write(s_farewell);
            return Task.CompletedTask;
        });
        using Socket socket = await harness.ConnectAsync();
        Assert.Equal(s_farewell, await ReceiveAsync(socket, s_farewell.Length).Within());
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task Input_completed_with_an_exception_leaves_the_answer_its_way(TransportKind kind)
    {
        await using TransportHarness harness = await TransportHarness.Create(kind).StartAsync(async connection =>
        {
            ReadResult result = await connection.Transport.Input.ReadAsync();
            connection.Transport.Input.AdvanceTo(result.Buffer.End);
            connection.Transport.Input.Complete(new InvalidDataException("on purpose"));
            await Assert.ThrowsAsync<InvalidOperationException>(async () => await connection.Transport.Input.ReadAsync());
            connection.Transport.Output.Write(s_farewell);
            await connection.Transport.Output.FlushAsync();
        });
        using Socket socket = await harness.ConnectAsync();
        await socket.SendAsync("nonsense"u8.ToArray());
        Assert.Equal(s_farewell, await ReceiveAsync(socket, s_farewell.Length).Within());
        await EndedAsync(socket);
        socket.Close();
        await NoneLeftAsync(harness);
        Assert.Equal(0, harness.Count("faults"));
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task Output_completed_with_an_exception_ends_the_connection(TransportKind kind)
    {
        var ending = new TaskCompletionSource();
        await using TransportHarness harness = await TransportHarness.Create(kind).StartAsync(async connection =>
        {
            connection.Transport.Output.Write(s_farewell);
            await connection.Transport.Output.FlushAsync();
            ReadResult result = await connection.Transport.Input.ReadAsync();
            connection.Transport.Input.AdvanceTo(result.Buffer.End);
            connection.Transport.Output.Complete(new InvalidDataException("on purpose"));
            Assert.Throws<InvalidOperationException>(() => connection.Transport.Output.GetMemory());

            // The end does not wait for the handler's.
            await ending.Task;
        });
        using Socket socket = await harness.ConnectAsync();
        Assert.Equal(s_farewell, await ReceiveAsync(socket, s_farewell.Length).Within());
        await socket.SendAsync("go"u8.ToArray());
        await EndedAsync(socket);
        ending.SetResult();
        await NoneLeftAsync(harness);
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task An_exception_ends_its_connection_only(TransportKind kind)
    {
        await using TransportHarness harness = await TransportHarness.Create(kind).StartAsync(async connection =>
        {
            ReadResult result = await connection.Transport.Input.ReadAsync();
            bool isBomb = result.Buffer.FirstSpan[0] == (byte)'!';
            connection.Transport.Input.AdvanceTo(result.Buffer.Start);
            if (isBomb)
            {
                throw new InvalidOperationException("on purpose");
            }

            await EchoHandler.RunAsync(connection);
        });
        using Socket good = await harness.ConnectAsync();
        for (int i = 0; i < 10; i++)
        {
            using Socket bad = await harness.ConnectAsync();
            await bad.SendAsync("!"u8.ToArray());
            Assert.Equal(0, await bad.ReceiveAsync(new byte[1]).Within());
            await good.SendAsync("good"u8.ToArray());
            Assert.Equal("good"u8.ToArray(), await ReceiveAsync(good, 4).Within());
        }

        await Eventually.TrueAsync(() => harness.Transport.ConnectionCount == 1, "only the good one left");
        Assert.Equal(10, harness.Count("faults"));
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task A_delegate_that_throws_at_once_is_confined(TransportKind kind)
    {
        await using TransportHarness harness = await TransportHarness.Create(kind)
            .StartAsync(_ => throw new InvalidOperationException("on purpose"));
        for (int i = 0; i < 3; i++)
        {
            using Socket socket = await harness.ConnectAsync();
            Assert.Equal(0, await socket.ReceiveAsync(new byte[1]).Within());
        }

        await NoneLeftAsync(harness);
        Assert.Equal(3, harness.Count("faults"));
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task After_unbind_the_living_go_on_and_nobody_comes(TransportKind kind)
    {
        await using TransportHarness harness = await TransportHarness.Create(kind).StartAsync(EchoHandler.RunAsync);
        using Socket socket = await harness.ConnectAsync();
        await socket.SendAsync("a"u8.ToArray());
        await ReceiveAsync(socket, 1).Within();
        await harness.Transport.UnbindAsync(CancellationToken.None);
        await Assert.ThrowsAsync<SocketException>(() => harness.ConnectAsync());
        await socket.SendAsync("b"u8.ToArray());
        Assert.Equal("b"u8.ToArray(), await ReceiveAsync(socket, 1).Within());
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task Disposing_ends_every_handler(TransportKind kind)
    {
        int ended = 0;
        TransportHarness harness = await TransportHarness.Create(kind).StartAsync(async connection =>
        {
            try
            {
                await connection.Transport.Input.ReadAsync();
            }
            finally
            {
                Interlocked.Increment(ref ended);
            }
        });
        Socket[] sockets = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => harness.ConnectAsync()));
        await Eventually.TrueAsync(() => harness.Transport.ConnectionCount == 20, "all accepted");
        await harness.DisposeAsync();
        Assert.Equal(20, ended);
        Array.ForEach(sockets, static socket => socket.Dispose());
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task A_port_in_use_is_an_error_and_port_0_picks_one(TransportKind kind)
    {
        await using TransportHarness first = await TransportHarness.Create(kind).StartAsync(EchoHandler.RunAsync);
        var endPoint = (IPEndPoint)first.Transport.EndPoint;
        Assert.NotEqual(0, endPoint.Port);
        foreach (TransportKind other in Enum.GetValues<TransportKind>())
        {
            await using var second = TransportHarness.Create(other);
            await Assert.ThrowsAsync<AddressInUseException>(async () => await second.Transport.BindAsync(endPoint, default));
        }
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task A_connection_knows_its_ends_and_itself(TransportKind kind)
    {
        var seen = new TaskCompletionSource<ConnectionContext>();
        await using TransportHarness harness = await TransportHarness.Create(kind).StartAsync(async connection =>
        {
            seen.SetResult(connection);
            await EchoHandler.RunAsync(connection);
        });
        using Socket socket = await harness.ConnectAsync();
        ConnectionContext connection = await seen.Task.Within();
        Assert.Equal(socket.LocalEndPoint, connection.RemoteEndPoint);
        Assert.Equal(socket.RemoteEndPoint, connection.LocalEndPoint);
        Assert.NotEmpty(connection.ConnectionId);
        Assert.Same(connection.ConnectionId, connection.ConnectionId);
        connection.Items["key"] = "value";
        Assert.Equal("value", connection.Items["key"]);
        Assert.NotNull(connection.Features.Get<Microsoft.AspNetCore.Connections.Features.IConnectionLifetimeFeature>());
        Assert.False(connection.ConnectionClosed.IsCancellationRequested);
    }

    private static async Task<byte[]> ReceiveAsync(Socket socket, int count)
    {
        byte[] bytes = new byte[count];
        for (int at = 0; at < count;)
        {
            int read = await socket.ReceiveAsync(bytes.AsMemory(at));
            Assert.True(read > 0, $"Ended after {at} of {count} bytes.");
            at += read;
        }

        return bytes;
    }

    private static async Task EndedAsync(Socket socket)
    {
        try
        {
            Assert.Equal(0, await socket.ReceiveAsync(new byte[1]).Within());
        }
        catch (SocketException)
        {
            // A reset is an end, too.
        }
    }

    private static Task NoneLeftAsync(TransportHarness harness) =>
        Eventually.TrueAsync(() => harness.Transport.ConnectionCount == 0 && harness.Count("open") == 0, "no connection left");
}
