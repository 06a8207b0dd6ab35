using System.Net;
using System.Net.Sockets;
using FastGate.Transport;
using FastGate.Transport.HandOver;

namespace FastGate.Tests.Transport.HandOver;

/// <summary>Listening sockets that pass to another owner while connections wait in them.</summary>
public sealed class HandOverListenerTests
{
    public static TheoryData<TransportKind, TransportKind> Pairs => HandOverKinds.Pairs;

    public static TheoryData<TransportKind> Each => HandOverKinds.Each;

    public static TheoryData<TransportKind, TransportKind, int, int> Loops
    {
        get
        {
            var data = new TheoryData<TransportKind, TransportKind, int, int>();
            foreach (object[] pair in HandOverKinds.Pairs)
            {
                foreach ((int old, int next) in new[] { (1, 1), (4, 1), (3, 2), (1, 3) })
                {
                    data.Add((TransportKind)pair[0], (TransportKind)pair[1], old, next);
                }
            }

            return data;
        }
    }

    [Theory, MemberData(nameof(Loops))]
    public async Task Connections_that_wait_in_a_paused_listener_are_served_by_its_next_owner(
        TransportKind old, TransportKind next, int oldLoops, int nextLoops)
    {
        await using var from = TransportHarness.Create(old, new TransportOptions { EventLoops = oldLoops });
        await using var to = TransportHarness.Create(next, new TransportOptions { EventLoops = nextLoops });
        await from.StartAsync(EchoHandler.RunAsync);
        var source = (IHandOverTransport)from.Transport;
        var target = (IHandOverTransport)to.Transport;
        await source.PauseAcceptingAsync().AsTask().Within();
        Socket[] peers = await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => from.ConnectAsync()));
        Assert.True(target.TryAdoptListeners(HandOverHarness.CopyListeners(source), HandOverHarness.Loopback(0)));
        Assert.Equal(source.EndPoint, target.EndPoint);
        target.Start(EchoHandler.RunAsync);
        await source.UnbindAsync(CancellationToken.None);
        Socket[] later = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => from.ConnectAsync()));
        foreach (Socket peer in (Socket[])[.. peers, .. later])
        {
            await EchoesAsync(peer);
            peer.Dispose();
        }

        Assert.Equal(0, from.Count("accepted"));
        Assert.Equal(300, to.Count("accepted"));
        Assert.Equal(0, from.Count("accept_errors") + to.Count("accept_errors"));
    }

    [Theory, MemberData(nameof(Each))]
    public async Task Accepting_continues_after_a_pause(TransportKind kind)
    {
        await using TransportHarness harness = await TransportHarness.Create(kind).StartAsync(EchoHandler.RunAsync);
        var transport = (IHandOverTransport)harness.Transport;
        for (int round = 0; round < 3; round++)
        {
            await transport.PauseAcceptingAsync().AsTask().Within();
            Socket[] peers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => harness.ConnectAsync()));
            Assert.Equal(20 * round, harness.Count("accepted"));
            transport.ResumeAccepting();
            foreach (Socket peer in peers)
            {
                await EchoesAsync(peer);
                peer.Dispose();
            }
        }
    }

    [Theory, MemberData(nameof(Each))]
    public async Task A_transport_paused_before_its_start_accepts_when_it_is_resumed(TransportKind kind)
    {
        await using var harness = TransportHarness.Create(kind);
        var transport = (IHandOverTransport)harness.Transport;
        await transport.BindAsync(HandOverHarness.Loopback(0), CancellationToken.None);
        await transport.PauseAcceptingAsync();
        transport.Start(EchoHandler.RunAsync);
        using Socket peer = await harness.ConnectAsync();
        peer.Send("x"u8);

        // The pause has a handshake with everything that accepts, so nothing can have been accepted afterwards.
        await transport.PauseAcceptingAsync().AsTask().Within();
        Assert.Equal(0, harness.Count("accepted"));
        transport.ResumeAccepting();
        Assert.Equal("x"u8.ToArray(), await TransportAssert.ReceiveAsync(peer, 1).Within());
    }

    [Theory, MemberData(nameof(Each))]
    public async Task Listeners_of_another_address_are_not_taken(TransportKind kind)
    {
        await using TransportHarness harness = await TransportHarness.Create(kind).StartAsync(EchoHandler.RunAsync);
        var source = (IHandOverTransport)harness.Transport;
        int port = ((IPEndPoint)source.EndPoint).Port;
        int[] copies = HandOverHarness.CopyListeners(source);
        using Socket other = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        other.Bind(HandOverHarness.Loopback(0));
        int silent = (int)other.SafeHandle.DangerousGetHandle();
        await using var next = TransportHarness.Create(kind);
        var target = (IHandOverTransport)next.Transport;
        Assert.False(target.TryAdoptListeners(copies, HandOverHarness.Loopback(port == 1 ? 2 : 1)));
        Assert.False(target.TryAdoptListeners(copies, new IPEndPoint(IPAddress.Any, port)));
        Assert.False(target.TryAdoptListeners(copies, new IPEndPoint(IPAddress.IPv6Loopback, port)));
        Assert.False(target.TryAdoptListeners([], HandOverHarness.Loopback(0)));

        // It is bound but does not listen; and a number that is no socket.
        Assert.False(target.TryAdoptListeners([silent], HandOverHarness.Loopback(0)));
        Assert.False(target.TryAdoptListeners([.. copies, int.MaxValue], HandOverHarness.Loopback(0)));

        // Nothing was taken: both owners can still use them.
        Assert.True(target.TryAdoptListeners(copies, HandOverHarness.Loopback(port)));
        target.Start(EchoHandler.RunAsync);
        await source.UnbindAsync(CancellationToken.None);
        using Socket peer = await harness.ConnectAsync();
        await EchoesAsync(peer);
    }

    [Theory, MemberData(nameof(Each))]
    public async Task Listeners_of_ipv6_are_adopted(TransportKind kind)
    {
        if (!Socket.OSSupportsIPv6)
        {
            return;
        }

        foreach (IPAddress address in (IPAddress[])[IPAddress.IPv6Any, IPAddress.IPv6Loopback])
        {
            await using var from = TransportHarness.Create(kind);
            await using var to = TransportHarness.Create(kind);
            await from.Transport.BindAsync(new IPEndPoint(address, 0), CancellationToken.None);
            from.Transport.Start(EchoHandler.RunAsync);
            var source = (IHandOverTransport)from.Transport;
            var target = (IHandOverTransport)to.Transport;
            Assert.True(target.TryAdoptListeners(HandOverHarness.CopyListeners(source), new IPEndPoint(address, 0)));
            target.Start(EchoHandler.RunAsync);
            await source.UnbindAsync(CancellationToken.None);
            using Socket peer = new(AddressFamily.InterNetworkV6, SocketType.Stream, ProtocolType.Tcp);
            await peer.ConnectAsync(new IPEndPoint(IPAddress.IPv6Loopback, ((IPEndPoint)target.EndPoint).Port));
            await EchoesAsync(peer);
            Assert.Equal(1, to.Count("accepted"));
        }
    }

    private static async Task EchoesAsync(Socket peer)
    {
        await peer.SendAsync("echo"u8.ToArray());
        Assert.Equal("echo"u8.ToArray(), await TransportAssert.ReceiveAsync(peer, 4).Within());
    }
}
