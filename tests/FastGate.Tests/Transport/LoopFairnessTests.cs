using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using FastGate.Transport;
using FastGate.Transport.Linux;
using FastGate.Transport.Loops;
using Microsoft.AspNetCore.Connections;

namespace FastGate.Tests.Transport;

/// <summary>A busy connection or listener never starves the other connections of its loop.</summary>
public sealed class LoopFairnessTests
{
    private static readonly TransportOptions s_oneLoop = new() { EventLoops = 1 };

    [Fact]
    public async Task A_connection_never_reads_more_than_its_share_of_a_turn()
    {
        // The kernel has all packets and the end before the loop wakes: one event for many reads.
        const int Packets = (3 * LoopConnection.ReadsPerTurn) + 1;
        await using TransportHarness harness = await TransportHarness.Create(TransportKind.EventLoop, s_oneLoop).StartAsync(EchoHandler.RunAsync);
        EventLoop loop = ((EventLoopTransport)harness.Transport).Loops[0];
        (int descriptor, Socket peer) = ConnectPackets();
        using Socket _ = peer;
        for (int i = 0; i < Packets; i++)
        {
            peer.Send([(byte)i]);
        }

        peer.Shutdown(SocketShutdown.Send);
        int turn = 0;
        var done = new TaskCompletionSource<List<(int Turn, int Reads)>>(TaskCreationOptions.RunContinuationsAsynchronously);
        void CountTurn(object? state)
        {
            turn++;
            if (!done.Task.IsCompleted)
            {
                loop.Post(CountTurn, null);
            }
        }

        async Task CountReadsAsync(ConnectionContext connection)
        {
            var shares = new List<(int Turn, int Reads)>();
            int reads = 0;
            while (true)
            {
                ValueTask<ReadResult> read = connection.Transport.Input.ReadAsync();
                if (!read.IsCompleted)
                {
                    shares.Add((turn, reads));
                    reads = 0;
                }

                ReadResult result = await read;
                connection.Transport.Input.AdvanceTo(result.Buffer.End);
                reads++;
                if (result.IsCompleted)
                {
                    shares.Add((turn, reads));
                    done.SetResult(shares);
                    return;
                }
            }
        }

        loop.Post(
            _ =>
            {
                CountTurn(null);
                Serve(loop, descriptor, CountReadsAsync);
            },
            null);
        List<(int Turn, int Reads)> shares = await done.Task.Within();

        // Nothing in the first turn, then three full shares in turns of their own, then the last packet and the end.
        const int Share = LoopConnection.ReadsPerTurn;
        Assert.Equal([0, Share, Share, Share, 2], shares.Select(static share => share.Reads));
        Assert.Equal(shares.Count - 1, shares.Skip(1).Select(static share => share.Turn).Distinct().Count());
    }

    [Fact]
    public async Task Reading_without_waiting_takes_no_more_than_a_share_either()
    {
        const int Packets = 3 * LoopConnection.ReadsPerTurn;
        await using TransportHarness harness = await TransportHarness.Create(TransportKind.EventLoop, s_oneLoop).StartAsync(EchoHandler.RunAsync);
        EventLoop loop = ((EventLoopTransport)harness.Transport).Loops[0];
        (int descriptor, Socket peer) = ConnectPackets();
        using Socket _ = peer;
        for (int i = 0; i < Packets; i++)
        {
            peer.Send([(byte)i]);
        }

        peer.Shutdown(SocketShutdown.Send);
        var done = new TaskCompletionSource<List<int>>(TaskCreationOptions.RunContinuationsAsynchronously);
        async Task CountReadsAsync(ConnectionContext connection)
        {
            var shares = new List<int>();
            while (true)
            {
                ReadResult result = await connection.Transport.Input.ReadAsync();
                int reads = 0;
                do
                {
                    reads++;
                    connection.Transport.Input.AdvanceTo(result.Buffer.End);
                }
                while (!result.IsCompleted && connection.Transport.Input.TryRead(out result));

                shares.Add(reads);
                if (result.IsCompleted)
                {
                    done.SetResult(shares);
                    return;
                }
            }
        }

        loop.Post(_ => Serve(loop, descriptor, CountReadsAsync), null);
        List<int> shares = await done.Task.Within();
        Assert.Equal(Packets + 1, shares.Sum());
        Assert.All(shares, static reads => Assert.InRange(reads, 1, LoopConnection.ReadsPerTurn));
    }

    [Fact]
    public async Task Many_connections_with_more_than_their_share_get_one_small_read_each()
    {
        const int Connections = 100;
        const int Packets = 3 * LoopConnection.ReadsPerTurn;
        await using TransportHarness harness = await TransportHarness.Create(TransportKind.EventLoop, s_oneLoop).StartAsync(EchoHandler.RunAsync);
        EventLoop loop = ((EventLoopTransport)harness.Transport).Loops[0];
        var peers = new List<Socket>();
        var descriptors = new List<int>();
        for (int i = 0; i < Connections; i++)
        {
            (int descriptor, Socket peer) = ConnectPackets();
            descriptors.Add(descriptor);
            peers.Add(peer);
            for (int packet = 0; packet < Packets; packet++)
            {
                peer.Send([(byte)packet]);
            }

            peer.Shutdown(SocketShutdown.Send);
        }

        int left = Connections;
        var shares = new List<(int BytesPerRead, int Reads)>();
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        async Task CountReadsAsync(ConnectionContext connection)
        {
            int reads = 0;
            int bytesPerRead = loop.BytesPerRead;
            bool isCompleted = false;
            while (!isCompleted)
            {
                ValueTask<ReadResult> read = connection.Transport.Input.ReadAsync();
                if (!read.IsCompleted)
                {
                    shares.Add((bytesPerRead, reads));
                    reads = 0;
                }

                ReadResult result = await read;
                bytesPerRead = loop.BytesPerRead;
                reads++;
                isCompleted = result.IsCompleted;
                connection.Transport.Input.AdvanceTo(result.Buffer.End);
            }

            if (--left == 0)
            {
                done.SetResult();
            }
        }

        loop.Post(_ => descriptors.ForEach(descriptor => Serve(loop, descriptor, CountReadsAsync)), null);
        await done.Task.Within();
        Assert.All(shares, static share => Assert.InRange(share.Reads, 0, share.BytesPerRead == SegmentPool.LargestSize ? LoopConnection.ReadsPerTurn : 1));
        Assert.Contains(shares, static share => share is { BytesPerRead: 4 * 1024, Reads: 1 });
        peers.ForEach(static peer => peer.Dispose());
    }

    [Fact]
    public async Task Bytes_behind_urgent_data_are_read_without_waiting_for_more()
    {
        await using TransportHarness harness = await TransportHarness.Create(TransportKind.EventLoop, s_oneLoop).StartAsync(EchoHandler.RunAsync);
        using Socket socket = await harness.ConnectAsync();
        await Eventually.TrueAsync(() => harness.Transport.ConnectionCount == 1, "connected");
        using (await HeldLoop.HoldAsync(((EventLoopTransport)harness.Transport).Loops[0]))
        {
            // A receive stops at the mark between the two, which are in the kernel together.
            socket.Send("before"u8);
            socket.Send("!"u8, SocketFlags.OutOfBand);
            socket.Send("behind"u8);
            await Eventually.TrueAsync(() => TcpInfo.Of(socket).IsDelivered, "all is in the kernel");
        }

        byte[] echoed = new byte["beforebehind".Length];
        for (int count = 0; count < echoed.Length;)
        {
            int received = await socket.ReceiveAsync(echoed.AsMemory(count)).Within();
            Assert.NotEqual(0, received);
            count += received;
        }

        Assert.Equal("beforebehind"u8.ToArray(), echoed);
    }

    [Fact]
    public async Task Accepts_go_first_and_open_connections_are_served_between_their_batches()
    {
        const int Connects = (4 * EventLoopListener.BatchSize) + 10;
        int accepted = 0;
        int acceptedBefore = -1;
        bool isFirst = true;
        var batch = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var sent = new ManualResetEventSlim();
        await using TransportHarness harness = await TransportHarness.Create(TransportKind.EventLoop, s_oneLoop).StartAsync(async connection =>
        {
            if (isFirst)
            {
                isFirst = false;
                ReadResult result = await connection.Transport.Input.ReadAsync();
                acceptedBefore = accepted;
                connection.Transport.Input.AdvanceTo(result.Buffer.Start);
            }
            else if (++accepted == 1)
            {
                // The first batch is being accepted: now the open connection sends.
                batch.SetResult();
                sent.Wait(Eventually.Limit);
            }

            await EchoHandler.RunAsync(connection);
        });
        EventLoop loop = ((EventLoopTransport)harness.Transport).Loops[0];
        using Socket connected = await harness.ConnectAsync();
        await Eventually.TrueAsync(() => harness.Transport.ConnectionCount == 1, "connected");
        Socket[] sockets;
        using (await HeldLoop.HoldAsync(loop))
        {
            sockets = await Task.WhenAll(Enumerable.Range(0, Connects).Select(_ => harness.ConnectAsync()));
        }

        await batch.Task.Within();
        connected.Send("m"u8);
        await Eventually.TrueAsync(() => TcpInfo.Of(connected).IsDelivered, "the message is in the kernel");
        sent.Set();
        Assert.Equal(1, await connected.ReceiveAsync(new byte[1]).Within());

        // It sent during the first batch. The next turn accepts what is left over first, one batch, and then serves it.
        Assert.Equal(2 * EventLoopListener.BatchSize, acceptedBefore);
        await Eventually.TrueAsync(() => Volatile.Read(ref accepted) == Connects, "all accepted");
        Array.ForEach(sockets, static socket => socket.Dispose());
    }

    /// <summary>Adds a connection without a listener. On the loop.</summary>
    private static void Serve(EventLoop loop, int descriptor, ConnectionDelegate connectionDelegate)
    {
        Span<byte> address = stackalloc byte[LinuxSocket.AddressSize];
        LinuxAddress.Write(new IPEndPoint(IPAddress.Loopback, 1), address);
        var connection = new LoopConnection(loop, descriptor, address);
        Assert.True(connection.TryRegister(isAdopted: false));
        connection.Start(connectionDelegate);
    }

    /// <summary>A sequenced-packet socket, where each receive returns exactly one packet. The caller owns the descriptor.</summary>
    private static (int Descriptor, Socket Peer) ConnectPackets()
    {
        // An abstract name of Linux, which leaves no file.
        var endPoint = new UnixDomainSocketEndPoint("\0fastgate-" + Guid.NewGuid().ToString("N"));
        using Socket listener = CreatePacketSocket();
        listener.Bind(endPoint);
        listener.Listen();
        Socket peer = CreatePacketSocket();
        peer.Connect(endPoint);
        Socket accepted = listener.Accept();
        accepted.Blocking = false;
        int descriptor = (int)accepted.SafeHandle.DangerousGetHandle();
        accepted.SafeHandle.SetHandleAsInvalid();
        return (descriptor, peer);
    }

    private static Socket CreatePacketSocket() => new(AddressFamily.Unix, SocketType.Seqpacket, ProtocolType.Unspecified);
}
