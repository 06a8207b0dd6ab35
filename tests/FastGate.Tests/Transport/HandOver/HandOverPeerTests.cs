using System.IO.Pipelines;
using System.Net.Sockets;
using FastGate.Transport.HandOver;
using FastGate.Transport.Loops;
using Microsoft.AspNetCore.Connections;

namespace FastGate.Tests.Transport.HandOver;

/// <summary>What the peer of a connection sees and does while the connection passes to another owner.</summary>
public sealed class HandOverPeerTests
{
    public static TheoryData<TransportKind, TransportKind> Pairs => HandOverKinds.Pairs;

    [Theory, MemberData(nameof(Pairs))]
    public async Task An_idle_connection_continues_with_its_next_owner(TransportKind old, TransportKind next)
    {
        var first = new MovableEcho();
        var second = new MovableEcho();
        await using HandOverHarness harness = await HandOverHarness.StartAsync(old, next, first.RunAsync, second.RunAsync);
        using Socket peer = await harness.ConnectAsync();
        await EchoesAsync(peer, "before");
        DetachedSocket socket = Assert.Single(await first.DetachAllAsync());
        Assert.Equal(0, harness.From.ConnectionCount);
        Assert.Equal(0, harness.Old.Count("open"));

        // The next owner gets the socket as it was: no option that changes how it ends.
        using (var copy = new Socket(new SafeSocketHandle(HandOverHarness.Copy(socket.Descriptor), ownsHandle: true)))
        {
            Assert.False(copy.LingerState!.Enabled);
            Assert.True(copy.NoDelay);
        }

        object state = new();
        harness.To.Adopt(socket, state);
        await EchoesAsync(peer, "after");
        Assert.Same(state, Assert.Single(second.Adopted));
        Assert.Equal((1, 0, 1), (harness.Next.Count("adopted"), harness.Next.Count("accepted"), harness.Next.Count("open")));
        ConnectionContext adopted = Assert.Single(second.Open);
        Assert.Equal(peer.LocalEndPoint, adopted.RemoteEndPoint);
        Assert.Equal(peer.RemoteEndPoint, adopted.LocalEndPoint);
        Assert.NotNull(adopted.Features.Get<IDetachableConnection>());

        // The transport does not keep what the delegate has taken.
        await Eventually.TrueAsync(() => Record.Exception(() => adopted.Features.Get<IAdoptedConnection>()!.State) is InvalidOperationException, "the state is dropped");
        peer.Shutdown(SocketShutdown.Send);
        Assert.Equal(0, await peer.ReceiveAsync(new byte[1]).Within());
        await TransportAssert.NoneLeftAsync(harness.Next);
        Assert.Equal(0, harness.Old.Count("faults") + harness.Next.Count("faults"));
    }

    [Theory, MemberData(nameof(Pairs))]
    public async Task A_peer_that_ends_its_side_while_the_socket_has_no_owner_is_answered(TransportKind old, TransportKind next)
    {
        var first = new MovableEcho();
        await using HandOverHarness harness = await HandOverHarness.StartAsync(old, next, first.RunAsync, EchoHandler.RunAsync);
        using Socket peer = await harness.ConnectAsync();
        await EchoesAsync(peer, "before");
        DetachedSocket socket = Assert.Single(await first.DetachAllAsync());
        peer.Send("last"u8);
        peer.Shutdown(SocketShutdown.Send);
        harness.To.Adopt(socket, "state");
        Assert.Equal("last"u8.ToArray(), await TransportAssert.ReceiveAsync(peer, 4).Within());
        Assert.Equal(0, await peer.ReceiveAsync(new byte[1]).Within());
        await TransportAssert.NoneLeftAsync(harness.Next);
    }

    /// <summary>The old owner has read the end of the input; the next one reads it again.</summary>
    [Theory, MemberData(nameof(Pairs))]
    public async Task A_peer_that_has_ended_its_side_before_is_answered(TransportKind old, TransportKind next)
    {
        var detached = new TaskCompletionSource<DetachedSocket?>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using HandOverHarness harness = await HandOverHarness.StartAsync(
            old,
            next,
            async connection =>
            {
                ReadResult result;
                while (!(result = await connection.Transport.Input.ReadAsync()).IsCompleted)
                {
                    connection.Transport.Input.AdvanceTo(result.Buffer.Start, result.Buffer.End);
                }

                connection.Transport.Input.AdvanceTo(result.Buffer.Start);
                detached.SetResult(connection.Find<IDetachableConnection>()!.Detach());
            },
            EchoHandler.RunAsync);
        using Socket peer = await harness.ConnectAsync();
        peer.Send("last"u8);
        peer.Shutdown(SocketShutdown.Send);
        harness.To.Adopt((await detached.Task.Within())!, "state");
        Assert.Equal("last"u8.ToArray(), await TransportAssert.ReceiveAsync(peer, 4).Within());
        Assert.Equal(0, await peer.ReceiveAsync(new byte[1]).Within());
        await TransportAssert.NoneLeftAsync(harness.Next);
    }

    [Theory, MemberData(nameof(Pairs))]
    public async Task A_reset_while_the_socket_has_no_owner_reaches_the_next_one(TransportKind old, TransportKind next)
    {
        var first = new MovableEcho();
        var seen = new TaskCompletionSource<Exception>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using HandOverHarness harness = await HandOverHarness.StartAsync(
            old,
            next,
            first.RunAsync,
            async connection =>
            {
                try
                {
                    await EchoHandler.RunAsync(connection);
                }
                catch (Exception exception)
                {
                    seen.SetResult(exception);
                }
            });
        Socket peer = await harness.ConnectAsync();
        await EchoesAsync(peer, "before");
        DetachedSocket socket = Assert.Single(await first.DetachAllAsync());
        peer.LingerState = new LingerOption(true, 0);
        peer.Close();
        harness.To.Adopt(socket, "state");
        Assert.IsType<ConnectionResetException>(await seen.Task.Within());
        await TransportAssert.NoneLeftAsync(harness.Next);
    }

    [Theory, MemberData(nameof(Pairs))]
    public async Task A_connection_that_has_failed_is_not_given_away(TransportKind old, TransportKind next)
    {
        var results = new TaskCompletionSource<(DetachedSocket? Reset, DetachedSocket? Completed)>(TaskCreationOptions.RunContinuationsAsynchronously);
        DetachedSocket? reset = new(-1, default, default);
        int served = 0;
        await using HandOverHarness harness = await HandOverHarness.StartAsync(
            old,
            next,
            async connection =>
            {
                if (Interlocked.Increment(ref served) == 1)
                {
                    await Assert.ThrowsAnyAsync<Exception>(async () => await connection.Transport.Input.ReadAsync());
                    reset = connection.Find<IDetachableConnection>()!.Detach();
                    return;
                }

                connection.Transport.Output.Complete();
                results.SetResult((reset, connection.Find<IDetachableConnection>()!.Detach()));
            },
            EchoHandler.RunAsync);
        Socket peer = await harness.ConnectAsync();
        await Eventually.TrueAsync(() => Volatile.Read(ref served) == 1, "served");
        peer.LingerState = new LingerOption(true, 0);
        peer.Close();
        await TransportAssert.NoneLeftAsync(harness.Old);
        using Socket other = await harness.ConnectAsync();
        Assert.Equal((null, null), await results.Task.Within());
        Assert.Equal(0, await other.ReceiveAsync(new byte[1]).Within());
    }

    [Theory, MemberData(nameof(Pairs))]
    public async Task A_read_in_progress_forbids_giving_the_socket_away(TransportKind old, TransportKind next)
    {
        var thrown = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using HandOverHarness harness = await HandOverHarness.StartAsync(
            old,
            next,
            async connection =>
            {
                PipeReader input = connection.Transport.Input;
                IDetachableConnection detachable = connection.Find<IDetachableConnection>()!;
                ValueTask<ReadResult> read = input.ReadAsync();
                bool waiting = Record.Exception(() => detachable.Detach()) is InvalidOperationException;
                ReadResult result = await read;
                bool reading = Record.Exception(() => detachable.Detach()) is InvalidOperationException;
                input.AdvanceTo(result.Buffer.Start);
                thrown.SetResult(waiting && reading);
                await EchoHandler.RunAsync(connection);
            },
            EchoHandler.RunAsync);
        using Socket peer = await harness.ConnectAsync();
        await EchoesAsync(peer, "still here");
        Assert.True(await thrown.Task.Within());
        await EchoesAsync(peer, "and again");
    }

    [Theory, MemberData(nameof(Pairs))]
    public async Task Late_requests_to_a_connection_that_has_left_do_not_reach_the_peer(TransportKind old, TransportKind next)
    {
        var first = new MovableEcho();
        var second = new MovableEcho();
        await using HandOverHarness harness = await HandOverHarness.StartAsync(old, next, first.RunAsync, second.RunAsync);
        using Socket peer = await harness.ConnectAsync();
        await EchoesAsync(peer, "before");
        ConnectionContext left = Assert.Single(first.Open);
        harness.To.Adopt(Assert.Single(await first.DetachAllAsync()), "state");
        left.Transport.Input.CancelPendingRead();
        left.Transport.Output.CancelPendingFlush();
        left.Abort(new ConnectionAbortedException("too late"));
        await left.DisposeAsync();
        Assert.True(left.ConnectionClosed.CanBeCanceled);
        await Eventually.TrueAsync(() => left.ConnectionClosed.IsCancellationRequested, "the old connection is closed for its users");
        await harness.Old.DisposeAsync();
        await EchoesAsync(peer, "after");
        Assert.Equal(0, harness.Next.Count("faults"));
    }

    /// <summary>The hand-over fails again and again: the transport adopts what it has given away.</summary>
    [Theory, MemberData(nameof(Pairs))]
    public async Task A_transport_takes_back_its_own_connections(TransportKind old, TransportKind next)
    {
        const int Connections = 20;
        const int Rounds = 5;
        var first = new MovableEcho();
        await using HandOverHarness harness = await HandOverHarness.StartAsync(old, next, first.RunAsync, EchoHandler.RunAsync);
        Socket[] peers = await Task.WhenAll(Enumerable.Range(0, Connections).Select(_ => harness.ConnectAsync()));
        for (int round = 0; round < Rounds; round++)
        {
            foreach (Socket peer in peers)
            {
                await EchoesAsync(peer, "round");
            }

            List<DetachedSocket> sockets = await first.DetachAllAsync();
            Assert.Equal(Connections, sockets.Count);
            sockets.ForEach(socket => harness.From.Adopt(socket, "again"));
            await Eventually.TrueAsync(() => first.Open.Count == Connections, "all adopted");
        }

        Array.ForEach(peers, static peer => peer.Dispose());
        await TransportAssert.NoneLeftAsync(harness.Old);
        Assert.Equal(0, harness.Old.Count("faults"));
        if (harness.From is EventLoopTransport loops)
        {
            Assert.All(loops.Loops, static loop => Assert.Equal(0, loop.StaleEvents));
        }
    }

    private static async Task EchoesAsync(Socket peer, string text)
    {
        byte[] bytes = System.Text.Encoding.UTF8.GetBytes(text);
        await peer.SendAsync(bytes);
        Assert.Equal(bytes, await TransportAssert.ReceiveAsync(peer, bytes.Length).Within());
    }
}
