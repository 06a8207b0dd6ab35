using System.Net;
using System.Net.Sockets;
using FastGate.Transport;
using FastGate.Transport.Loops;

namespace FastGate.Tests.Transport;

/// <summary>How connections come to a loop, and what is left when they have gone.</summary>
public sealed class EventLoopConnectionTests
{
    private static readonly TransportOptions s_oneLoop = new() { EventLoops = 1 };

    [Fact]
    public async Task A_storm_of_connects_is_accepted_to_the_last_one()
    {
        // All in the backlog before the loop first looks: far more than a batch, and one edge.
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
    public async Task Memory_goes_back_when_the_devices_have_left()
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
        await Eventually.TrueAsync(() => harness.Transport.ConnectionCount == 0, "all gone");
        await Eventually.TrueAsync(() => loop.Connections.Capacity <= 64 && loop.Pool is { Rented: 0, RetainedBytes: 0 }, "memory gone");
    }

    [Fact]
    public async Task IPv6_and_iPv4_come_through_one_door()
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
