using System.Globalization;
using System.Net;
using System.Net.Sockets;
using FastGate.Transport;
using Microsoft.AspNetCore.Connections.Features;

namespace FastGate.Tests.Transport;

/// <summary>The kernel's keep-alive timer of accepted sockets, which inherit the options of their listener.</summary>
public sealed class KeepAliveTests
{
    private const string KeepAliveTimer = "02";
    private const string NoTimer = "00";

    public static TheoryData<TransportKind, bool> Cases => new()
    {
        { TransportKind.Sockets, true }, { TransportKind.Sockets, false }, { TransportKind.EventLoop, true }, { TransportKind.EventLoop, false },
    };

    [Theory, MemberData(nameof(Cases))]
    public async Task Accepted_sockets_have_the_keep_alive_timer_of_the_options(TransportKind kind, bool isOn)
    {
        var options = new TransportOptions { EventLoops = 1, KeepAlive = isOn, KeepAliveIdleSeconds = 600 };
        await using TransportHarness harness = await TransportHarness.Create(kind, options).StartAsync(EchoHandler.RunAsync);
        using Socket socket = await harness.ConnectAsync();
        await socket.SendAsync("x"u8.ToArray());
        Assert.Equal("x"u8.ToArray(), await TransportAssert.ReceiveAsync(socket, 1).Within());

        // The timer of an unacknowledged echo is replaced when its acknowledgement arrives.
        (string Timer, double Seconds) row = default;
        await Eventually.TrueAsync(
            () => (row = TimerOf(harness.Transport.EndPoint, socket.LocalEndPoint!)).Timer == (isOn ? KeepAliveTimer : NoTimer), "the timer is as configured");

        // More than the kernel's next shorter timers, less than its default of two hours.
        Assert.InRange(row.Seconds, isOn ? 300 : 0, isOn ? 601 : 0);
    }

    [Fact]
    public async Task Accepted_sockets_of_the_sockets_transport_inherit_every_option_of_the_listener()
    {
        var accepted = new TaskCompletionSource<(bool NoDelay, object? KeepAlive, object? Idle, object? Interval, object? Probes)>();
        await using TransportHarness harness = await TransportHarness.Create(TransportKind.Sockets).StartAsync(connection =>
        {
            Socket socket = connection.Features.Get<IConnectionSocketFeature>()!.Socket;
            object? Tcp(SocketOptionName name) => socket.GetSocketOption(SocketOptionLevel.Tcp, name);
            accepted.SetResult((
                socket.NoDelay,
                socket.GetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive),
                Tcp(SocketOptionName.TcpKeepAliveTime),
                Tcp(SocketOptionName.TcpKeepAliveInterval),
                Tcp(SocketOptionName.TcpKeepAliveRetryCount)));
            return Task.CompletedTask;
        });
        using Socket socket = await harness.ConnectAsync();

        Assert.Equal((true, 1, 60, 15, 4), await accepted.Task.Within());
    }

    /// <summary>
    /// The column <c>tr tm->when</c> of /proc/net/tcp: the kind of the next timer and the time until it fires. The kernel may list a socket twice when others
    /// come and go while the file is read.
    /// </summary>
    private static (string Timer, double Seconds) TimerOf(EndPoint server, EndPoint client)
    {
        string local = PortOf(server);
        string remote = PortOf(client);
        string[] fields = File.ReadLines("/proc/net/tcp")
            .Select(static line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .First(fields => fields[1].EndsWith(local, StringComparison.Ordinal) && fields[2].EndsWith(remote, StringComparison.Ordinal));
        string[] timer = fields[5].Split(':');
        return (timer[0], long.Parse(timer[1], NumberStyles.HexNumber, CultureInfo.InvariantCulture) / 100.0);
    }

    private static string PortOf(EndPoint endPoint) => ":" + ((IPEndPoint)endPoint).Port.ToString("X4", CultureInfo.InvariantCulture);
}
