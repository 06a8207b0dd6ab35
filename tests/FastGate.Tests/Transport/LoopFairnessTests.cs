using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using FastGate.Transport;
using FastGate.Transport.Linux;
using FastGate.Transport.Loops;
using Microsoft.AspNetCore.Connections;

namespace FastGate.Tests.Transport;

/// <summary>Nobody on a loop waits for ever because somebody else has much to do.</summary>
public sealed class LoopFairnessTests
{
    private static readonly TransportOptions s_oneLoop = new() { EventLoops = 1 };

    [Fact]
    public async Task A_read_never_takes_more_than_its_share_of_a_turn()
    {
        // All of it is in the kernel, its end too, before the loop looks: one event, and so many reads to make of it.
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

        // Nothing when it came, then three whole shares, each in a turn of its own, and the last packet and the end with what is left.
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
    public async Task A_storm_of_connects_leaves_the_connected_their_turn()
    {
        const int Newcomers = (2 * EventLoopListener.BatchSize) + 10;
        int accepted = 0;
        int acceptedBefore = -1;
        bool isFirst = true;
        var storm = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var spoken = new ManualResetEventSlim();
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
                // The storm has begun: only now does the connected one speak.
                storm.SetResult();
                spoken.Wait(Eventually.Limit);
            }

            await EchoHandler.RunAsync(connection);
        });
        EventLoop loop = ((EventLoopTransport)harness.Transport).Loops[0];
        using Socket connected = await harness.ConnectAsync();
        await Eventually.TrueAsync(() => harness.Transport.ConnectionCount == 1, "connected");
        Socket[] newcomers;
        using (await HeldLoop.HoldAsync(loop))
        {
            newcomers = await Task.WhenAll(Enumerable.Range(0, Newcomers).Select(_ => harness.ConnectAsync()));
        }

        await storm.Task.Within();
        connected.Send("m"u8);
        await Eventually.TrueAsync(() => TcpInfo.Of(connected).IsDelivered, "the message is in the kernel");
        spoken.Set();
        Assert.Equal(1, await connected.ReceiveAsync(new byte[1]).Within());

        // Served after the batch during which it spoke, before the next.
        Assert.InRange(acceptedBefore, 1, EventLoopListener.BatchSize);
        await Eventually.TrueAsync(() => Volatile.Read(ref accepted) == Newcomers, "all accepted");
        Array.ForEach(newcomers, static socket => socket.Dispose());
    }

    /// <summary>Hands the loop a connection that no listener brought. On the loop.</summary>
    private static void Serve(EventLoop loop, int descriptor, ConnectionDelegate connectionDelegate)
    {
        Span<byte> address = stackalloc byte[LinuxSocket.AddressSize];
        LinuxAddress.Write(new IPEndPoint(IPAddress.Loopback, 1), address);
        var connection = new LoopConnection(loop, descriptor, address);
        Assert.True(connection.TryRegister());
        connection.Start(connectionDelegate);
    }

    /// <summary>A stream keeps no bounds between sends; of a socket of packets a receive takes exactly one. The descriptor is the caller's.</summary>
    private static (int Descriptor, Socket Peer) ConnectPackets()
    {
        // Linux's own names, which leave no file behind.
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
