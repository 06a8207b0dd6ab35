using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using System.Net.Sockets;
using FastGate.Transport;
using FastGate.Transport.HandOver;
using FastGate.Transport.Input;
using FastGate.Transport.Loops;

namespace FastGate.Tests.Transport;

/// <summary>Closing of descriptors.</summary>
public sealed class LoopCloseTests
{
    private static readonly TransportOptions s_oneLoop = new() { EventLoops = 1, Linger = TimeSpan.FromMinutes(10) };

    /// <summary>Work that is posted meanwhile runs between the closes. Without a linger time the deadlines of all are over at once.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Many_descriptors_are_closed_over_several_turns(bool linger)
    {
        const int Connections = 600;
        var connections = new List<LoopConnection>();
        TransportOptions options = linger ? new TransportOptions { EventLoops = 1, Linger = TimeSpan.Zero } : s_oneLoop;
        await using TransportHarness harness = await TransportHarness.Create(TransportKind.EventLoop, options).StartAsync(connection =>
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
        long expired = 0, most = 0;
        var closed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        void CountTurn(object? state)
        {
            turns++;
            (most, expired) = (Math.Max(most, harness.Count("linger_expired") - expired), harness.Count("linger_expired"));
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
                connections.ForEach(connection =>
                {
                    if (linger)
                    {
                        loop.Closer.Linger(connection);
                    }
                    else
                    {
                        connection.CloseNow();
                    }
                });
                loop.Post(CountTurn, null);
            },
            null);
        await closed.Task.Within();
        Assert.InRange(turns, 3, Connections);
        Assert.Equal(linger ? Connections : 0, expired);
        Assert.InRange(most, 0, Connections / 2);
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

    /// <summary>Otherwise the peer's end may arrive first, and the kernel takes longer for the close.</summary>
    [Fact]
    public async Task After_the_end_of_the_protocol_the_descriptor_is_closed_before_the_next_event_of_the_batch()
    {
        EventLoop? loop = null;
        LoopConnection? previous = null;
        bool isTurnOver = false;
        List<bool> closed = [];
        await using TransportHarness harness = await TransportHarness.Create(TransportKind.EventLoop, s_oneLoop).StartAsync(async connection =>
        {
            ReadResult result = await connection.Transport.Input.ReadAsync();
            if (previous is null)
            {
                // Runs after the events of this batch.
                loop!.Post(_ => isTurnOver = true, null);
            }
            else
            {
                Assert.False(isTurnOver, "the events came in several batches");
                closed.Add(previous.IsClosed);
            }

            previous = (LoopConnection)connection;
            connection.Transport.Input.AdvanceTo(result.Buffer.End);
            connection.Find<IFinishableInput>()!.FinishInput();
        });
        loop = ((EventLoopTransport)harness.Transport).Loops[0];
        using Socket first = await harness.ConnectAsync();
        using Socket second = await harness.ConnectAsync();
        using Socket third = await harness.ConnectAsync();
        await Eventually.TrueAsync(() => harness.Transport.ConnectionCount == 3, "all are accepted");
        using (await HeldLoop.HoldAsync(loop))
        {
            await first.SendAsync(new byte[1]);
            await second.SendAsync(new byte[1]);
            await third.SendAsync(new byte[1]);
        }

        await TransportAssert.NoneLeftAsync(harness);
        Assert.Equal([true, true], closed);
        Assert.Equal(0, harness.Count("faults"));
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

    /// <summary>Its number may be that of the new connection then.</summary>
    [Fact]
    public async Task Descriptor_is_closed_before_a_connect_of_the_same_batch_is_accepted()
    {
        var connections = new List<LoopConnection>();
        await using TransportHarness harness = await TransportHarness.Create(TransportKind.EventLoop, s_oneLoop).StartAsync(connection =>
        {
            connections.Add((LoopConnection)connection);
            return connections.Count == 1 ? Task.CompletedTask : EchoHandler.RunAsync(connection);
        });

        // The handler has ended; the end of the peer's side will close the descriptor.
        using Socket leaving = await harness.ConnectAsync();
        Assert.Equal(0, await leaving.ReceiveAsync(new byte[1]).Within());
        EventLoop loop = ((EventLoopTransport)harness.Transport).Loops[0];
        string file = FileOf(connections[0].Descriptor);
        string? fileInBatch = null;
        Socket second;
        using (await HeldLoop.HoldAsync(loop))
        {
            // One batch contains the end of the first connection, a new connection, and the check of both.
            leaving.Shutdown(SocketShutdown.Send);
            await Eventually.TrueAsync(() => TcpInfo.Of(leaving).IsClosed, "the kernel has the end");
            second = await harness.ConnectAsync();
            loop.Post(_ => fileInBatch = FileOf(connections[0].Descriptor), null);
        }

        using Socket guard = second;
        await Eventually.TrueAsync(() => harness.Count("accepted") == 2 && harness.Transport.ConnectionCount == 1, "the first is closed");
        Assert.NotEqual(file, fileInBatch);
        Assert.Equal(2, connections.Count);
        await second.SendAsync("n"u8.ToArray());
        Assert.Equal(1, await second.ReceiveAsync(new byte[1]).Within());
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

    /// <summary>The file of a descriptor; the name of a socket is unique. Empty when the descriptor is closed.</summary>
    private static string FileOf(int descriptor) =>
        new FileInfo("/proc/self/fd/" + descriptor.ToString(CultureInfo.InvariantCulture)).LinkTarget ?? "";
}
