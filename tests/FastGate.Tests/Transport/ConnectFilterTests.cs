using System.Net;
using System.Net.Sockets;
using FastGate.Transport.Linux;

namespace FastGate.Tests.Transport;

/// <summary>Which connects the kernel drops with the program, on listeners of its own.</summary>
public sealed class ConnectFilterTests
{
    private const int NotFound = -2;

    [Theory]
    [InlineData("127.0.0.1", true)]
    [InlineData("127.0.0.2", false)]
    [InlineData("127.0.1.1", false)]
    [InlineData("10.0.0.1 127.0.0.1 10.0.0.2", true)]
    [InlineData("10.0.0.1 2001:db8::1 10.0.0.2", false)]
    public Task Version_4(string sources, bool isDropped) => AssertAsync(IPAddress.Loopback, IPAddress.Loopback, sources, isDropped);

    /// <summary>Packets of IPv4 reach a socket of IPv6 as they are.</summary>
    [Theory]
    [InlineData("127.0.0.1", true)]
    [InlineData("127.0.0.2", false)]
    [InlineData("::1", false)]
    public Task Version_4_at_a_listener_of_both(string sources, bool isDropped) => AssertAsync(IPAddress.IPv6Any, IPAddress.Loopback, sources, isDropped);

    [Theory]
    [InlineData("::1", true)]
    [InlineData("::2", false)]
    [InlineData("::", false)]
    [InlineData("::1:0:1", false)]
    [InlineData("0:0:0:1::1", false)]
    [InlineData("1::1", false)]
    [InlineData("1:: 2:: 127.0.0.1 ::1", true)]
    [InlineData("0:0:0:1::1 0:0:1::1 127.0.0.1 0:1::1 ::1:0:1", false)]
    public Task Version_6(string sources, bool isDropped) => AssertAsync(IPAddress.IPv6Any, IPAddress.IPv6Loopback, sources, isDropped);

    [Fact]
    public async Task As_many_sources_as_are_kept_fit_in_one_program()
    {
        string many = string.Join(' ', Enumerable.Range(1, 31).Select(static i => $"10.0.0.{i} {i}::"));
        await AssertAsync(IPAddress.IPv6Any, IPAddress.Loopback, $"{many} 127.0.0.1", isDropped: true);
        await AssertAsync(IPAddress.IPv6Any, IPAddress.IPv6Loopback, $"{many} ::1", isDropped: true);
        await AssertAsync(IPAddress.IPv6Any, IPAddress.IPv6Loopback, many, isDropped: false);
    }

    [Fact]
    public async Task Open_connection_of_a_dropped_source_lives_on()
    {
        using Socket listener = Listen(IPAddress.Loopback);
        using Socket before = await ConnectAsync(listener, IPAddress.Loopback).Within();
        using Socket accepted = await listener.AcceptAsync();
        Attach(listener, "127.0.0.1");

        // The program is also asked about the packets of a socket that was accepted under it.
        Attach(accepted, "127.0.0.1");

        await before.SendAsync(new byte[3]);
        Assert.Equal(3, await accepted.ReceiveAsync(new byte[3]).Within());
        before.Shutdown(SocketShutdown.Both);
        Assert.Equal(0, await accepted.ReceiveAsync(new byte[3]).Within());
    }

    [Fact]
    public async Task Socket_that_was_accepted_under_a_filter_has_it_until_it_is_detached()
    {
        using Socket listener = Listen(IPAddress.Loopback);
        Attach(listener, "10.0.0.1");
        using Socket peer = await ConnectAsync(listener, IPAddress.Loopback).Within();
        using Socket accepted = await listener.AcceptAsync();

        Assert.Equal(0, LinuxSocket.DetachFilter((int)accepted.Handle));
        Assert.Equal(NotFound, LinuxSocket.DetachFilter((int)accepted.Handle));
    }

    /// <summary>A difference of two counts would be four billion.</summary>
    [Fact]
    public void Dropped_packets_are_as_before_when_the_kernel_does_not_say_them() => Assert.Equal(7u, LinuxSocket.DroppedPackets(-1, unknown: 7));

    private static async Task AssertAsync(IPAddress address, IPAddress peer, string sources, bool isDropped)
    {
        using Socket listener = Listen(address);
        int descriptor = (int)listener.Handle;
        Attach(listener, sources);
        Task<Socket> connecting = ConnectAsync(listener, peer);
        if (isDropped)
        {
            await Eventually.TrueAsync(() => LinuxSocket.DroppedPackets(descriptor) > 0, "the connect is dropped");
            Assert.False(connecting.IsCompleted);
            Assert.Equal(0, LinuxSocket.DetachFilter(descriptor));
        }

        // The peer's kernel sends the lost packet again.
        using Socket connected = await connecting.Within();
        Assert.Equal(isDropped, LinuxSocket.DroppedPackets(descriptor) > 0);
    }

    private static Socket Listen(IPAddress address)
    {
        var listener = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        if (address.Equals(IPAddress.IPv6Any))
        {
            listener.DualMode = true;
        }

        listener.Bind(new IPEndPoint(address, 0));
        listener.Listen();
        return listener;
    }

    private static void Attach(Socket socket, string sources)
    {
        UInt128[] values = [.. sources.Split(' ').Select(static source => LinuxAddress.ValueOf(IPAddress.Parse(source)))];
        Assert.Equal(0, LinuxSocket.AttachFilter((int)socket.Handle, ConnectFilter.DropConnectsOf(values)));
    }

    private static async Task<Socket> ConnectAsync(Socket listener, IPAddress address)
    {
        var peer = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        await peer.ConnectAsync(new IPEndPoint(address, ((IPEndPoint)listener.LocalEndPoint!).Port));
        return peer;
    }
}
