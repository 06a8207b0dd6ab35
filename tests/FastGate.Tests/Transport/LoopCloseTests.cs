using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using System.Net.Sockets;
using FastGate.Transport;
using FastGate.Transport.HandOver;
using FastGate.Transport.Input;
using FastGate.Transport.Loops;

namespace FastGate.Tests.Transport;

/// <summary>Closing of descriptors, and callbacks of ConnectionClosed.</summary>
public sealed class LoopCloseTests
{
    private static readonly TransportOptions s_oneLoop = new() { EventLoops = 1, Linger = TimeSpan.FromMinutes(10) };

    /// <summary>Work that is posted meanwhile runs between the closes.</summary>
    [Fact]
    public async Task Many_descriptors_are_closed_over_several_turns()
    {
        const int Connections = 600;
        var connections = new List<LoopConnection>();
        await using TransportHarness harness = await TransportHarness.Create(TransportKind.EventLoop, s_oneLoop).StartAsync(connection =>
        {
            connections.Add((LoopConnection)connection);
            return EchoHandler.RunAsync(connection);
        });
        EventLoop loop = ((EventLoopTransport)harness.Transport).Loops[0];
        List<Socket> peers = [];
        for (int i = 0; i < Connections; i++)
        {
            peers.Add(await harness.ConnectAsync());
        }

        await Eventually.TrueAsync(() => harness.Transport.ConnectionCount == Connections, "all are accepted");
        int turns = 0;
        var closed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        void CountTurn(object? state)
        {
            turns++;
            if (loop.ConnectionCount == 0)
            {
                closed.SetResult();
            }
            else
            {
                loop.Post(CountTurn, null);
            }
        }

        loop.Post(
            _ =>
            {
                connections.ForEach(static connection => connection.CloseNow());
                loop.Post(CountTurn, null);
            },
            null);
        await closed.Task.Within();
        Assert.InRange(turns, 3, Connections);
        peers.ForEach(static peer => peer.Dispose());
    }

    /// <summary>The peer has not ended its side, and lingering would last longer than the test.</summary>
    [Fact]
    public async Task After_the_end_of_the_protocol_the_descriptor_is_closed_without_waiting_for_the_peer()
    {
        await using TransportHarness harness = await StartWithGoodbyeAsync();
        using Socket peer = await harness.ConnectAsync();
        await peer.SendAsync(new byte[1]);
        await AssertGoodbyeAsync(peer);
        await TransportAssert.NoneLeftAsync(harness);
    }

    /// <summary>A close with unread input would send a reset.</summary>
    [Fact]
    public async Task Input_after_the_end_of_the_protocol_does_not_cost_the_peer_the_answer()
    {
        await using TransportHarness harness = await StartWithGoodbyeAsync();
        using Socket peer = await harness.ConnectAsync();
        using (await HeldLoop.HoldAsync(((EventLoopTransport)harness.Transport).Loops[0]))
        {
            // More than one read returns.
            await peer.SendAsync(new byte[300_000]);
        }

        await AssertGoodbyeAsync(peer);
        peer.Shutdown(SocketShutdown.Send);
        await TransportAssert.NoneLeftAsync(harness);
    }

    [Fact]
    public async Task A_descriptor_is_closed_after_the_batch()
    {
        var connections = new List<LoopConnection>();
        await using TransportHarness harness = await TransportHarness.Create(TransportKind.EventLoop, s_oneLoop).StartAsync(connection =>
        {
            connections.Add((LoopConnection)connection);
            return connections.Count == 1 ? Task.CompletedTask : EchoHandler.RunAsync(connection);
        });
        EventLoop loop = ((EventLoopTransport)harness.Transport).Loops[0];

        // The handler has ended; the end of the peer's side will close the descriptor.
        using Socket leaving = await harness.ConnectAsync();
        Assert.Equal(0, await leaving.ReceiveAsync(new byte[1]).Within());
        int descriptor = connections[0].Descriptor;
        string file = FileOf(descriptor);
        string? fileInBatch = null;
        int newDescriptor = -1;
        bool isToBeClosed = false;
        Socket second;
        using (await HeldLoop.HoldAsync(loop))
        {
            // One batch contains the end of the first connection, a new connection, and the check of both.
            leaving.Shutdown(SocketShutdown.Send);
            await Eventually.TrueAsync(() => TcpInfo.Of(leaving).IsClosed, "the kernel has the end");
            second = await harness.ConnectAsync();
            loop.Post(
                _ =>
                {
                    isToBeClosed = loop.Closer.TimeoutMs == 0;
                    fileInBatch = FileOf(descriptor);
                    newDescriptor = connections[^1].Descriptor;
                },
                null);
        }

        using Socket guard = second;
        await Eventually.TrueAsync(() => harness.Count("accepted") == 2 && harness.Transport.ConnectionCount == 1, "the first is closed");
        Assert.True(isToBeClosed);
        Assert.Equal(file, fileInBatch);
        Assert.Equal(2, connections.Count);
        Assert.NotEqual(descriptor, newDescriptor);
        Assert.NotEqual(file, FileOf(descriptor));
        await second.SendAsync("n"u8.ToArray());
        Assert.Equal(1, await second.ReceiveAsync(new byte[1]).Within());
    }

    [Fact]
    public async Task A_blocking_close_callback_does_not_block_the_loop()
    {
        using var gate = new ManualResetEventSlim();
        var entered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using TransportHarness harness = await StartAsync(() =>
        {
            entered.SetResult();
            gate.Wait();
        });
        try
        {
            using Socket good = await harness.ConnectAsync();
            await LeaveAsync(harness);
            await entered.Task.Within();
            await AssertServedAsync(good);
        }
        finally
        {
            gate.Set();
        }
    }

    [Fact]
    public async Task A_throwing_close_callback_is_a_fault_of_its_connection_only()
    {
        await using TransportHarness harness = await StartAsync(static () => throw new InvalidOperationException("on purpose"));
        using Socket good = await harness.ConnectAsync();
        await LeaveAsync(harness);
        await Eventually.TrueAsync(() => harness.Count("faults") == 1, "counted");
        await AssertServedAsync(good);
        await Eventually.TrueAsync(() => harness.Transport.ConnectionCount == 1, "only the good one left");
    }

    [Fact]
    public async Task A_failed_send_ends_reading_too()
    {
        var accepted = new TaskCompletionSource<LoopConnection>(TaskCreationOptions.RunContinuationsAsynchronously);
        var ending = new TaskCompletionSource();
        await using TransportHarness harness = await TransportHarness.Create(TransportKind.EventLoop, s_oneLoop).StartAsync(async connection =>
        {
            accepted.SetResult((LoopConnection)connection);
            await ending.Task;
        });
        EventLoop loop = ((EventLoopTransport)harness.Transport).Loops[0];
        using Socket socket = await harness.ConnectAsync();
        LoopConnection connection = await accepted.Task.Within();
        using var gone = new ManualResetEventSlim();
        var held = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var seen = new TaskCompletionSource<Exception?>(TaskCreationOptions.RunContinuationsAsynchronously);
        loop.Post(
            _ =>
            {
                // The reset is in the kernel; its event follows this action.
                held.SetResult();
                gone.Wait(Eventually.Limit);
                connection.Transport.Output.GetSpan(1)[0] = 1;
                connection.Transport.Output.Advance(1);
                Assert.True(connection.Transport.Output.FlushAsync().AsTask().Result.IsCompleted);
                loop.Post(
                    async _ =>
                    {
                        try
                        {
                            await connection.Transport.Input.ReadAsync();
                            seen.SetResult(null);
                        }
                        catch (Exception exception)
                        {
                            seen.SetResult(exception);
                        }
                    },
                    null);
            },
            null);
        await held.Task.Within();
        socket.LingerState = new LingerOption(true, 0);
        socket.Close();
        gone.Set();
        Assert.IsAssignableFrom<IOException>(await seen.Task.Within());
        ending.SetResult();
        await Eventually.TrueAsync(() => harness.Transport.ConnectionCount == 0, "closed");
    }

    [Fact]
    public async Task A_throwing_logger_does_not_disturb_other_connections()
    {
        using var loggers = new ThrowingLoggerFactory();
        await using TransportHarness harness = await TransportHarness.Create(TransportKind.EventLoop, s_oneLoop, loggers).StartAsync(EchoHandler.ThrowOrRunAsync);
        using Socket good = await harness.ConnectAsync();
        for (int i = 0; i < 5; i++)
        {
            using Socket bad = await harness.ConnectAsync();
            await bad.SendAsync("!"u8.ToArray());
            Assert.Equal(0, await bad.ReceiveAsync(new byte[1]).Within());
        }

        await AssertServedAsync(good);
        await Eventually.TrueAsync(() => harness.Transport.ConnectionCount == 1, "only the good one left");
        Assert.Equal(5, harness.Count("faults"));
    }

    /// <summary>Reads once, says goodbye and ends the protocol.</summary>
    private static Task<TransportHarness> StartWithGoodbyeAsync() =>
        TransportHarness.Create(TransportKind.EventLoop, s_oneLoop).StartAsync(static async connection =>
        {
            ReadResult result = await connection.Transport.Input.ReadAsync();
            connection.Transport.Input.AdvanceTo(result.Buffer.End);
            connection.Transport.Output.Write("goodbye!"u8);
            await connection.Transport.Output.FlushAsync();
            connection.Find<IFinishableInput>()!.FinishInput();
        });

    private static async Task AssertGoodbyeAsync(Socket peer)
    {
        Assert.Equal("goodbye!"u8.ToArray(), await TransportAssert.ReceiveAsync(peer, 8).Within());
        Assert.Equal(0, await peer.ReceiveAsync(new byte[1]).Within());
    }

    /// <summary>Echoes; registers the callback for a client that begins with "!".</summary>
    private static Task<TransportHarness> StartAsync(Action callback) =>
        TransportHarness.Create(TransportKind.EventLoop, s_oneLoop).StartAsync(async connection =>
        {
            ReadResult result = await connection.Transport.Input.ReadAsync();
            if (result.Buffer.FirstSpan[0] == (byte)'!')
            {
                connection.ConnectionClosed.Register(callback);
            }

            connection.Transport.Input.AdvanceTo(result.Buffer.Start);
            await EchoHandler.RunAsync(connection);
        });

    private static async Task LeaveAsync(TransportHarness harness)
    {
        using Socket bad = await harness.ConnectAsync();
        await bad.SendAsync("!"u8.ToArray());
        Assert.Equal(1, await bad.ReceiveAsync(new byte[1]).Within());
    }

    private static async Task AssertServedAsync(Socket socket)
    {
        for (int i = 0; i < 100; i++)
        {
            await socket.SendAsync("g"u8.ToArray());
            Assert.Equal(1, await socket.ReceiveAsync(new byte[1]).Within());
        }
    }

    /// <summary>The file of a descriptor; the name of a socket is unique. Empty when the descriptor is closed.</summary>
    private static string FileOf(int descriptor) =>
        new FileInfo("/proc/self/fd/" + descriptor.ToString(CultureInfo.InvariantCulture)).LinkTarget ?? "";
}
