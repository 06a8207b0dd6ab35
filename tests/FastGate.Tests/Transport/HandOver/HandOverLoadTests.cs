using System.Buffers.Binary;
using System.Net.Sockets;
using FastGate.Transport;
using FastGate.Transport.HandOver;
using FastGate.Transport.Loops;

namespace FastGate.Tests.Transport.HandOver;

/// <summary>
/// Connections that pass between owners while their peers send. Every echo must be there, once and in order. Never in parallel with other
/// tests, because of the number of descriptors, which is counted too.
/// </summary>
[Collection(nameof(TransportStressTests))]
public sealed class HandOverLoadTests
{
    private const int Connections = 2_000;
    private const int Moves = 3;

    public static TheoryData<TransportKind, TransportKind> Pairs => HandOverKinds.Pairs;

    [Theory, MemberData(nameof(Pairs))]
    public async Task Two_thousand_connections_move_under_load(TransportKind old, TransportKind next)
    {
        MovableEcho[] echoes = [new(), new()];
        await using HandOverHarness harness = await HandOverHarness.StartAsync(
            old, next, echoes[0].RunAsync, echoes[1].RunAsync, new TransportOptions { EventLoops = 2 });
        var peers = new Socket[Connections];
        for (int i = 0; i < peers.Length; i++)
        {
            peers[i] = await harness.ConnectAsync();
        }

        await Eventually.TrueAsync(() => echoes[0].Open.Count == Connections, "all accepted");
        GC.Collect();
        GC.WaitForPendingFinalizers();
        int descriptors = OpenDescriptors.Count();
        using var stop = new CancellationTokenSource();
        long echoed = 0;
        Task[] clients = [.. Enumerable.Range(0, 8).Select(index => Task.Run(() => EchoRoundAsync(peers, index, () => Interlocked.Increment(ref echoed), stop.Token)))];
        IHandOverTransport[] owners = [harness.From, harness.To];
        for (int move = 0; move < Moves; move++)
        {
            // Some echoes with every owner.
            long until = Interlocked.Read(ref echoed) + Connections;
            await Eventually.TrueAsync(() => Interlocked.Read(ref echoed) >= until || clients.Any(static client => client.IsCompleted), "echoes");
            List<DetachedSocket> sockets = await echoes[move % 2].DetachAllAsync();
            Assert.Equal(Connections, sockets.Count);
            Assert.Equal(0, owners[move % 2].ConnectionCount);
            if (move == 1)
            {
                sockets.ForEach(socket => owners[(move + 1) % 2].Adopt(socket, "state"));
                await Eventually.TrueAsync(() => echoes[(move + 1) % 2].Open.Count == Connections, "all adopted");
                continue;
            }

            // Each once, and all of them when the task has ended.
            var list = new SocketList(sockets);
            await owners[(move + 1) % 2].AdoptAsync(list);
            Assert.Equal(Enumerable.Range(0, Connections), list.WasRead.Order());
            Assert.Equal(Connections, echoes[(move + 1) % 2].Open.Count);
        }

        await stop.CancelAsync();
        await Task.WhenAll(clients);
        // Fewer when finalizers have closed sockets of earlier tests meanwhile, and a few more that the runtime has opened. A leak is one for each connection.
        Assert.InRange(OpenDescriptors.Count(), 0, descriptors + (Connections / 100));
        Assert.Equal(0, harness.Old.Count("faults") + harness.Next.Count("faults"));
        foreach (IHandOverTransport owner in owners)
        {
            if (owner is EventLoopTransport loops)
            {
                Assert.All(loops.Loops, static loop => Assert.Equal(0, loop.StaleEvents));
            }
        }

        Array.ForEach(peers, static peer => peer.Dispose());
        await TransportAssert.NoneLeftAsync(harness.Old);
        await TransportAssert.NoneLeftAsync(harness.Next);
    }

    /// <summary>One stream in pieces of any size, whose connection changes its owner all the time.</summary>
    [Theory, MemberData(nameof(Pairs))]
    public async Task A_stream_in_pieces_moves_back_and_forth(TransportKind old, TransportKind next)
    {
        const int Hops = 200;
        MovableEcho[] echoes = [new(), new()];
        await using HandOverHarness harness = await HandOverHarness.StartAsync(old, next, echoes[0].RunAsync, echoes[1].RunAsync);
        IHandOverTransport[] owners = [harness.From, harness.To];
        using Socket peer = await harness.ConnectAsync();
        await Eventually.TrueAsync(() => echoes[0].Open.Count == 1, "accepted");
        using var stop = new CancellationTokenSource();
        Task<int> sending = Task.Run(() => SendStreamAsync(peer, stop.Token));
        Task<int> receiving = Task.Run(() => ReceiveStreamAsync(peer));
        for (int hop = 0; hop < Hops; hop++)
        {
            DetachedSocket socket = Assert.Single(await echoes[hop % 2].DetachAllAsync());
            owners[(hop + 1) % 2].Adopt(socket, hop);
            await Eventually.TrueAsync(() => echoes[(hop + 1) % 2].Open.Count == 1 || receiving.IsCompleted, "adopted");
        }

        await stop.CancelAsync();
        int sent = await sending.Within();
        peer.Shutdown(SocketShutdown.Send);
        Assert.Equal(sent, await receiving.Within());
        await TransportAssert.NoneLeftAsync(harness.Old);
        await TransportAssert.NoneLeftAsync(harness.Next);
        Assert.Equal(0, harness.Old.Count("faults") + harness.Next.Count("faults"));
    }

    /// <summary>Sends numbers and expects them back, for one of 8 parts of the peers.</summary>
    private static async Task EchoRoundAsync(Socket[] peers, int part, Action echoed, CancellationToken stop)
    {
        byte[] message = new byte[2 * sizeof(uint)];
        for (uint number = 1; !stop.IsCancellationRequested; number++)
        {
            for (int i = part; i < peers.Length; i += 8)
            {
                BinaryPrimitives.WriteUInt32LittleEndian(message, number);
                BinaryPrimitives.WriteInt32LittleEndian(message.AsSpan(sizeof(uint)), i);
                await peers[i].SendAsync(message);
                Assert.Equal(message, await TransportAssert.ReceiveAsync(peers[i], message.Length).Within());
                echoed();
            }
        }
    }

    private static async Task<int> SendStreamAsync(Socket peer, CancellationToken stop)
    {
        var random = new Random(11);
        byte[] piece = new byte[20_000];
        int at = 0;
        while (!stop.IsCancellationRequested)
        {
            int length = random.Next(8) == 0 ? random.Next(1, piece.Length) : random.Next(1, 5);
            for (int i = 0; i < length; i++)
            {
                piece[i] = ByteAt(at + i);
            }

            for (int sent = 0; sent < length;)
            {
                sent += await peer.SendAsync(piece.AsMemory(sent, length - sent), CancellationToken.None);
            }

            at += length;
        }

        return at;
    }

    private static async Task<int> ReceiveStreamAsync(Socket peer)
    {
        byte[] buffer = new byte[60_000];
        int at = 0;
        for (int count; (count = await peer.ReceiveAsync(buffer).Within()) > 0;)
        {
            for (int i = 0; i < count; i++)
            {
                Assert.Equal(ByteAt(at + i), buffer[i]);
            }

            at += count;
        }

        return at;
    }

    /// <summary>Neighbours, and bytes a power of two apart, differ.</summary>
    private static byte ByteAt(int position) => (byte)(position % 251);
}
