using System.Globalization;
using System.IO.Pipelines;
using System.Net.Sockets;
using FastGate.Transport;
using FastGate.Transport.Loops;

namespace FastGate.Tests.Transport;

/// <summary>When descriptors are closed, and what those who asked to be told of it may do.</summary>
public sealed class LoopCloseTests
{
    private static readonly TransportOptions s_oneLoop = new() { EventLoops = 1, Linger = TimeSpan.FromMinutes(10) };

    [Fact]
    public async Task A_descriptor_stays_its_connections_until_the_batch_is_over()
    {
        var connections = new List<LoopConnection>();
        await using TransportHarness harness = await TransportHarness.Create(TransportKind.EventLoop, s_oneLoop).StartAsync(connection =>
        {
            connections.Add((LoopConnection)connection);
            return connections.Count == 1 ? Task.CompletedTask : EchoHandler.RunAsync(connection);
        });
        EventLoop loop = ((EventLoopTransport)harness.Transport).Loops[0];

        // The handler has ended: what is left is the peer's end, which will close the descriptor.
        using Socket leaving = await harness.ConnectAsync();
        Assert.Equal(0, await leaving.ReceiveAsync(new byte[1]).Within());
        int descriptor = connections[0].Descriptor;
        string file = FileOf(descriptor);
        string? fileInBatch = null;
        int descriptorOfNewcomer = -1;
        bool isToBeClosed = false;
        Socket newcomer;
        using (await HeldLoop.HoldAsync(loop))
        {
            // In one batch: the end of the one, the coming of another, and a look at both before the batch is over.
            leaving.Shutdown(SocketShutdown.Send);
            await Eventually.TrueAsync(() => TcpInfo.Of(leaving).IsClosed, "the end is in the kernel");
            newcomer = await harness.ConnectAsync();
            loop.Post(
                _ =>
                {
                    isToBeClosed = loop.Closer.TimeoutMs == 0;
                    fileInBatch = FileOf(descriptor);
                    descriptorOfNewcomer = connections[^1].Descriptor;
                },
                null);
        }

        using Socket guard = newcomer;
        await Eventually.TrueAsync(() => harness.Count("accepted") == 2 && harness.Transport.ConnectionCount == 1, "one has gone");
        Assert.True(isToBeClosed);
        Assert.Equal(file, fileInBatch);
        Assert.Equal(2, connections.Count);
        Assert.NotEqual(descriptor, descriptorOfNewcomer);
        Assert.NotEqual(file, FileOf(descriptor));
        await newcomer.SendAsync("n"u8.ToArray());
        Assert.Equal(1, await newcomer.ReceiveAsync(new byte[1]).Within());
    }

    [Fact]
    public async Task A_callback_of_connectionClosed_that_blocks_holds_nobody_up()
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
    public async Task A_callback_of_connectionClosed_that_throws_is_a_fault_of_its_connection_only()
    {
        await using TransportHarness harness = await StartAsync(static () => throw new InvalidOperationException("on purpose"));
        using Socket good = await harness.ConnectAsync();
        await LeaveAsync(harness);
        await Eventually.TrueAsync(() => harness.Count("faults") == 1, "counted");
        await AssertServedAsync(good);
        await Eventually.TrueAsync(() => harness.Transport.ConnectionCount == 1, "only the good one left");
    }

    [Fact]
    public async Task A_send_that_fails_ends_reading_too_whatever_the_kernel_tells_afterwards()
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
                // The reset is in the kernel, and its event behind this.
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
        await Eventually.TrueAsync(() => harness.Transport.ConnectionCount == 0, "gone");
    }

    [Fact]
    public async Task A_log_that_throws_costs_no_connection_its_turn()
    {
        using var loggers = new ThrowingLoggerFactory();
        await using TransportHarness harness = await TransportHarness.Create(TransportKind.EventLoop, s_oneLoop, loggers).StartAsync(async connection =>
        {
            ReadResult result = await connection.Transport.Input.ReadAsync();
            bool isBad = result.Buffer.FirstSpan[0] == (byte)'!';
            connection.Transport.Input.AdvanceTo(result.Buffer.Start);
            if (isBad)
            {
                throw new InvalidOperationException("on purpose");
            }

            await EchoHandler.RunAsync(connection);
        });
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

    /// <summary>Echoes; whoever begins with "!" has the callback registered.</summary>
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

    /// <summary>What the number stands for: a socket's name is its own for ever. Empty when nothing is open under it.</summary>
    private static string FileOf(int descriptor) =>
        new FileInfo("/proc/self/fd/" + descriptor.ToString(CultureInfo.InvariantCulture)).LinkTarget ?? "";
}
