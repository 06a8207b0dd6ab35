using System.Buffers;
using System.IO.Pipelines;
using System.Net.Sockets;
using FastGate.Transport.HandOver;
using Microsoft.AspNetCore.Connections;

namespace FastGate.Tests.Transport.HandOver;

/// <summary>Connections whose handler has ended or waits for a peer that does not read.</summary>
public sealed class HandOverEndTests
{
    public static TheoryData<TransportKind, TransportKind> Pairs => HandOverKinds.Pairs;

    /// <summary>
    /// The last bytes of a connection whose handler has ended. The peer reads nothing until the connection has another owner.
    /// </summary>
    [Theory, MemberData(nameof(Pairs))]
    public async Task A_closing_connection_is_closed_in_order_by_the_next_owner(TransportKind old, TransportKind next)
    {
        byte[] large = new byte[8 * 1024 * 1024];
        Random.Shared.NextBytes(large);
        await using HandOverHarness harness = await HandOverHarness.StartAsync(
            old,
            next,
            connection =>
            {
                connection.Transport.Output.Write(large);
                return Task.CompletedTask;
            },
            static _ => throw new InvalidOperationException("An ended connection has no delegate."));
        using Socket peer = await harness.ConnectAsync();
        IReadOnlyList<DetachedSocket> sockets = [];
        await Eventually.TrueAsync(() => harness.From.ConnectionCount == 1, "accepted");
        while (sockets.Count == 0)
        {
            sockets = await harness.From.DetachClosingAsync();
        }

        DetachedSocket socket = Assert.Single(sockets);
        Assert.NotEqual(0, socket.UnsentOutput.Length);
        await TransportAssert.NoneLeftAsync(harness.Old);

        // Input that was not read must not turn the end into a reset.
        peer.Send("unread"u8);
        harness.To.Adopt(socket, null);
        Assert.Equal(large, await TransportAssert.ReceiveAsync(peer, large.Length).Within());
        Assert.Equal(0, await peer.ReceiveAsync(new byte[1]).Within());
        peer.Shutdown(SocketShutdown.Send);
        await TransportAssert.NoneLeftAsync(harness.Next);
        Assert.Equal(0, harness.Next.Count("linger_expired") + harness.Next.Count("faults"));
    }

    /// <summary>The old owner has sent everything, shut down sending and discards what still comes.</summary>
    [Theory, MemberData(nameof(Pairs))]
    public async Task A_connection_that_waits_for_the_end_of_its_peer_is_given_away(TransportKind old, TransportKind next)
    {
        await using HandOverHarness harness = await HandOverHarness.StartAsync(
            old,
            next,
            static connection =>
            {
                connection.Transport.Output.Write("bye"u8);
                return Task.CompletedTask;
            },
            EchoHandler.RunAsync);
        using Socket peer = await harness.ConnectAsync();
        Assert.Equal("bye"u8.ToArray(), await TransportAssert.ReceiveAsync(peer, 3).Within());
        Assert.Equal(0, await peer.ReceiveAsync(new byte[1]).Within());
        harness.To.Adopt(Assert.Single(await harness.From.DetachClosingAsync()), null);
        await TransportAssert.NoneLeftAsync(harness.Old);
        peer.Send("late"u8);
        peer.Shutdown(SocketShutdown.Send);
        await Eventually.TrueAsync(() => harness.Next.Count("adopted") == 1, "adopted");
        await TransportAssert.NoneLeftAsync(harness.Next);

        // A reset would show here.
        Assert.Equal(0, peer.Receive(new byte[1]));
    }

    /// <summary>A flush that waits is interrupted, so that its handler can give the socket away; nothing of it is lost.</summary>
    [Theory, MemberData(nameof(Pairs))]
    public async Task A_waiting_flush_can_be_cancelled_from_another_thread(TransportKind old, TransportKind next)
    {
        byte[] large = new byte[4 * 1024 * 1024];
        Random.Shared.NextBytes(large);
        var begun = new TaskCompletionSource<ConnectionContext>(TaskCreationOptions.RunContinuationsAsynchronously);
        var detached = new TaskCompletionSource<DetachedSocket?>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using HandOverHarness harness = await HandOverHarness.StartAsync(
            old,
            next,
            async connection =>
            {
                connection.Transport.Output.Write(large);
                ValueTask<FlushResult> flush = connection.Transport.Output.FlushAsync();
                begun.SetResult(connection);
                FlushResult flushed = await flush;
                Assert.True(flushed.IsCanceled);
                Assert.False(flushed.IsCompleted);
                detached.SetResult(connection.Find<IDetachableConnection>()!.Detach());
            },
            static connection => connection.Transport.Output.FlushAsync().AsTask());
        using Socket peer = await harness.ConnectAsync();
        (await begun.Task.Within()).Transport.Output.CancelPendingFlush();
        harness.To.Adopt((await detached.Task.Within())!, "state");
        Assert.Equal(large, await TransportAssert.ReceiveAsync(peer, large.Length).Within());
        Assert.Equal(0, await peer.ReceiveAsync(new byte[1]).Within());
    }
}
