using System.Net;
using System.Net.Sockets;
using FastGate.Transport;
using FastGate.Transport.Loops;

namespace FastGate.Tests.Transport;

/// <summary>Accepting connections, and releasing memory after they have been closed.</summary>
public sealed class EventLoopConnectionTests
{
    private static readonly TransportOptions s_oneLoop = new() { EventLoops = 1 };

    [Fact]
    public async Task A_backlog_of_several_batches_is_accepted()
    {
        // All are in the backlog before the loop starts: more than one batch for a single edge.
        await using var harness = TransportHarness.Create(TransportKind.EventLoop, s_oneLoop);
        await harness.Transport.BindAsync(new IPEndPoint(IPAddress.Loopback, 0), default);
        Socket[] sockets = await Task.WhenAll(
            Enumerable.Range(0, (3 * EventLoopListener.BatchSize) + 5).Select(_ => harness.ConnectAsync()));
        harness.Transport.Start(EchoHandler.RunAsync);
        await Eventually.TrueAsync(() => harness.Transport.ConnectionCount == sockets.Length, "all accepted");
        foreach (Socket socket in sockets)
        {
            await socket.SendAsync("s"u8.ToArray());
            Assert.Equal(1, await socket.ReceiveAsync(new byte[1]).Within());
            socket.Dispose();
        }
    }

    [Fact]
    public async Task Memory_is_released_after_the_last_connection()
    {
        TransportOptions settings = s_oneLoop with { TrimDelay = TimeSpan.FromMilliseconds(50) };
        await using TransportHarness harness = await TransportHarness.Create(TransportKind.EventLoop, settings).StartAsync(EchoHandler.RunAsync);
        EventLoop loop = ((EventLoopTransport)harness.Transport).Loops[0];
        Socket[] sockets = await Task.WhenAll(Enumerable.Range(0, 300).Select(_ => harness.ConnectAsync()));
        foreach (Socket socket in sockets)
        {
            await socket.SendAsync(new byte[10]);
            Assert.True(await socket.ReceiveAsync(new byte[10]).Within() > 0);
        }

        Assert.True(loop.Connections.Capacity >= 300);
        Array.ForEach(sockets, static socket => socket.Dispose());
        await Eventually.TrueAsync(() => harness.Transport.ConnectionCount == 0, "all closed");
        await Eventually.TrueAsync(() => loop.Connections.Capacity <= 64 && loop.Pool is { Rented: 0, RetainedBytes: 0 }, "memory released");
    }

    [Fact]
    public async Task One_listener_accepts_both_address_families()
    {
        if (!Socket.OSSupportsIPv6)
        {
            return;
        }

        var remotes = new List<EndPoint?>();
        await using var harness = TransportHarness.Create(TransportKind.EventLoop, s_oneLoop);
        await harness.Transport.BindAsync(new IPEndPoint(IPAddress.IPv6Any, 0), default);
        harness.Transport.Start(connection =>
        {
            remotes.Add(connection.RemoteEndPoint);
            return Task.CompletedTask;
        });
        int port = ((IPEndPoint)harness.Transport.EndPoint).Port;
        foreach (IPAddress address in (IPAddress[])[IPAddress.Loopback, IPAddress.IPv6Loopback])
        {
            using var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            await socket.ConnectAsync(new IPEndPoint(address, port));
            Assert.Equal(0, await socket.ReceiveAsync(new byte[1]).Within());
            Assert.Equal(socket.LocalEndPoint, remotes[^1]);
        }
    }
}
