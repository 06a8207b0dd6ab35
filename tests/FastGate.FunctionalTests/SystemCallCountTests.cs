using System.Globalization;
using FastGate.FunctionalTests.Clients;
using FastGate.FunctionalTests.Server;
using FastGate.FunctionalTests.Tls;

namespace FastGate.FunctionalTests;

/// <summary>The system calls of an event loop, which are most of its processor time: a limit of calls for each exchange with a device.</summary>
public sealed class SystemCallCountTests
{
    private const int Times = 50;

    /// <summary>Waits of the loop that no exchange causes, for example at a deadline.</summary>
    private const int OtherWaits = 20;

    /// <summary>Where strace counts them: all that a message or a connection could cost. Calls for memory, threads and signals are the runtime's.</summary>
    private const string Watched = "%net,?read,?readv,?write,?writev,?close,?epoll_wait,?epoll_pwait,?epoll_ctl,?openat,?ioctl,?fcntl,?poll,?ppoll,?getrandom,"
        + "?clock_gettime,?gettimeofday,?clock_nanosleep,?nanosleep,?timerfd_settime";

    /// <summary>Each row lists every allowed call with its number for one exchange. A certificate costs a device without TLS no call.</summary>
    [RequiresProgramTheory(RequiredProgram.Strace)]
    [InlineData("ping", "epoll_wait 1, recvfrom 1, sendto 1")]
    [InlineData("ping", "epoll_wait 1, recvfrom 1, sendto 1", true)]
    [InlineData("16 pings", "epoll_wait 1, recvfrom 1, sendto 1")]
    [InlineData("echo", "epoll_wait 1, recvfrom 1, sendto 1")]
    [InlineData("large echo", "epoll_wait 1, recvfrom 1, sendmsg 1")]
    [InlineData("cycle", "epoll_wait 5, accept4 2, epoll_ctl 1, recvfrom 3, sendto 3, close 1")]
    [InlineData("cycle", "epoll_wait 5, accept4 2, epoll_ctl 1, recvfrom 3, sendto 3, close 1", true)]
    public async Task An_exchange_makes_at_most_these_calls(string exchange, string allowed, bool hasCertificate = false)
    {
        string echo = $"--FastGate:Devices:Echo={exchange.EndsWith("echo", StringComparison.Ordinal)}";
        await using GatewayProcess gateway = await GatewayProcess.StartAsync(["--FastGate:Devices:EventLoops=1", echo, .. hasCertificate ? Certificate() : []]);
        using RawConnection device = await RawConnection.OpenDeviceAsync(gateway.DevicePort, "counted");
        for (int i = 0; i < Times; i++)
        {
            await RunAsync(exchange, gateway.DevicePort, device);
        }

        await using SystemCallFaults trace = await SystemCallFaults.AttachAsync(gateway.ProcessId, Watched, fault: null);
        for (int i = 0; i < Times; i++)
        {
            await RunAsync(exchange, gateway.DevicePort, device);
        }

        await trace.DetachAsync();
        var calls = trace.LinesOf(PosixProcess.Thread(gateway.ProcessId, "FastGate loop 0")).Select(NameOf).CountBy(static name => name).ToDictionary();
        var limits = allowed.Split(", ").Select(static limit => limit.Split(' '))
            .ToDictionary(static limit => limit[0], static limit => Times * int.Parse(limit[1], CultureInfo.InvariantCulture));
        limits["epoll_wait"] += OtherWaits;
        string counted = string.Join(", ", calls.Select(static call => $"{call.Key} {call.Value}"));
        Assert.All(calls, call => Assert.True(call.Value <= limits.GetValueOrDefault(call.Key), $"{call.Key} in {Times} of '{exchange}': {counted}"));

        // The trace is that of the loop, and is whole.
        Assert.InRange(calls.GetValueOrDefault("recvfrom"), Times, int.MaxValue);
        Assert.InRange(calls.GetValueOrDefault("sendto") + calls.GetValueOrDefault("sendmsg"), Times, int.MaxValue);

        // No other thread had to wake the loop.
        Assert.DoesNotContain(trace.Lines(), static line => line.Contains("write(", StringComparison.Ordinal) && line.Contains("eventfd", StringComparison.Ordinal));
    }

    private static string[] Certificate()
    {
        TlsFixture.Create("gate.example", isRsa: false, "counted");
        return [$"--FastGate:Devices:Tls:Certificate={TlsFixture.Of("counted.pem")}", $"--FastGate:Devices:Tls:Key={TlsFixture.Of("counted.key")}"];
    }

    private static async Task RunAsync(string exchange, int port, RawConnection device)
    {
        switch (exchange)
        {
            case "cycle":
                using (RawConnection next = await RawConnection.OpenDeviceAsync(port, "cycle"))
                {
                    await SendAsync(next, 1, ClientFrame.Text(DeviceTexts.Ping));
                    await next.SendAsync(ClientFrame.Close(1000));
                    Assert.Equal(1000, (await next.ReadFrameAsync())?.CloseStatus);
                    Assert.Empty(await next.ReadToEndAsync());
                }

                break;
            case "echo":
                await SendAsync(device, 1, ClientFrame.Build(RawFrame.Binary, new byte[1024]));
                break;
            case "large echo":
                await SendAsync(device, 1, ClientFrame.Build(RawFrame.Binary, new byte[16 * 1024]));
                break;
            case "16 pings":
                await SendAsync(device, 16, ClientFrame.Text(DeviceTexts.Ping));
                break;
            default:
                await SendAsync(device, 1, ClientFrame.Text(DeviceTexts.Ping));
                break;
        }
    }

    /// <summary>Sends the frame this many times with one call and reads as many replies.</summary>
    private static async Task SendAsync(RawConnection device, int times, byte[] frame)
    {
        await device.SendAsync(Enumerable.Repeat(frame, times).SelectMany(static bytes => bytes).ToArray());
        for (int i = 0; i < times; i++)
        {
            Assert.NotNull(await device.ReadFrameAsync());
        }
    }

    /// <summary>From a line such as "1764000000.000001 recvfrom(...) = 21". The call that attaching interrupts is a wait.</summary>
    private static string NameOf(string line)
    {
        string name = line.Split(' ')[1].Split('(')[0];
        return name is "epoll_pwait" or "restart_syscall" ? "epoll_wait" : name;
    }
}
