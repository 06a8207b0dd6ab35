using System.Globalization;
using System.Net;
using FastGate.FunctionalTests.Clients;
using FastGate.FunctionalTests.Restarts;
using FastGate.FunctionalTests.Server;

namespace FastGate.FunctionalTests;

/// <summary>Failed system calls of an event loop for its listener, and at its end.</summary>
public sealed class SystemCallListenerTests
{
    /// <summary>The socket of a listener, and what it holds in reserve.</summary>
    private const int DescriptorsOfListener = 9;

    /// <summary>Errors of a listening socket that no later accept can be without.</summary>
    private static readonly string[] s_fatalErrors = ["EBADF", "EINVAL", "ENOTSOCK", "EOPNOTSUPP"];

    /// <summary>A loop closes a listener that is unusable and serves its connections; the other loops accept.</summary>
    [RequiresProgramFact(RequiredProgram.Strace)]
    public async Task An_unusable_listener_is_closed_and_the_other_loops_accept()
    {
        await using FaultedGateway gateway = await FaultedGateway.StartAsync(
            string.Create(CultureInfo.InvariantCulture, $"--FastGate:Devices:EventLoops={s_fatalErrors.Length + 1}"));
        for (int loop = 0; loop < s_fatalErrors.Length; loop++)
        {
            string fault = $"accept4:error={s_fatalErrors[loop]}:when=1";
            await using (SystemCallFaults faults = await SystemCallFaults.AttachToLoopAsync(gateway.Server.ProcessId, loop, fault))
            {
                // The kernel chooses the listener of each connect. The one that is struck is reset, and may already have sent its request.
                while (faults.Injected().Count == 0)
                {
                    await gateway.TryServeAsync("one of many");
                }
            }

            // Until then the kernel may give connects to this listener.
            await gateway.HasOpenedAsync(-(loop + 1) * DescriptorsOfListener);
            await gateway.AssertUnharmedAsync(fault);
        }

        Assert.Equal(s_fatalErrors.Length, gateway.Server.Log.Split("[5003]").Length - 1);
        await gateway.EndAsync(kept: -s_fatalErrors.Length * DescriptorsOfListener);
    }

    /// <summary>The last calls of a loop: its listener leaves the epoll, and what is open is reset and closed.</summary>
    [RequiresProgramFact(RequiredProgram.Strace)]
    public async Task A_server_stops_when_the_last_calls_fail()
    {
        string[] faults = ["epoll_ctl:error=ENOENT", "shutdown:error=ENOTCONN", "setsockopt:error=EINVAL", "close:error=EIO"];
        await using FaultedGateway gateway = await FaultedGateway.StartAsync("--FastGate:Devices:Timeouts:Close=00:00:00.100");
        await using SystemCallFaults injected = await SystemCallFaults.AttachToLoopAsync(gateway.Server.ProcessId, loop: 0, faults);
        Assert.Equal(0, await gateway.Server.TerminateAsync());
        await injected.AreInjectedAsync("epoll_ctl", "setsockopt", "close");
    }

    /// <summary>A connection leaves its loop although the loop cannot end its events: they end with the epoll, or find no connection.</summary>
    [RequiresProgramFact(RequiredProgram.Strace)]
    public async Task Connections_survive_a_restart_whose_calls_fail()
    {
        await using FaultedGateway gateway = await FaultedGateway.StartAsync();
        await using (SystemCallFaults faults = await SystemCallFaults.AttachToLoopAsync(gateway.Server.ProcessId, loop: 0, "epoll_ctl:error=ENOENT"))
        {
            Assert.Equal(0, (int)(await RestartRequest.RunAsync(gateway.Server))["last"]!["closed"]!);
            await faults.AreInjectedAsync("epoll_ctl");
        }

        await gateway.AssertUnharmedAsync("a restart");
        Assert.DoesNotContain("[5005]", gateway.Server.Log, StringComparison.Ordinal);
        Assert.Equal(0, await gateway.DefectsAsync());
        Assert.Equal(0, await gateway.Server.TerminateAsync());
    }

    /// <summary>An emulated or restricted kernel: the server cannot let it drop connects, and refuses each of them as before.</summary>
    [RequiresProgramFact(RequiredProgram.Strace)]
    public async Task Source_is_refused_by_the_server_when_the_kernel_takes_no_filter()
    {
        const int Connects = 128;
        var hostile = IPAddress.Parse("127.0.0.2");
        await using GatewayProcess gateway = await GatewayProcess.StartAsync(
            "--FastGate:Devices:EventLoops=1", "--FastGate:Devices:Rates:Exempt:0=192.0.2.1", "--FastGate:Devices:Rates:Connections=1",
            "--FastGate:Devices:Timeouts:Hello=00:10:00"); // The only device keeps its place however long the attack takes under strace.
        using AdminClient admin = new(gateway);
        using RawConnection only = await RawConnection.OpenDeviceAsync(gateway.DevicePort, "only", from: hostile);
        int refused = 0;
        await using (await SystemCallFaults.AttachAsync(gateway.ProcessId, "setsockopt", "error=ENOPROTOOPT"))
        {
            // Until one second has had enough of them for a filter, and once more after that.
            bool isLogged;
            do
            {
                isLogged = gateway.Log.Contains("[7786]", StringComparison.Ordinal);
                Task<bool[]> connects = Task.WhenAll(Enumerable.Range(0, Connects).Select(_ => IsServedAsync(gateway.DevicePort, hostile)));
                bool[] served = await connects.WaitAsync(Deadline.Program);
                Assert.DoesNotContain(true, served);
                refused += Connects;
            }
            while (!isLogged);
        }

        Assert.Equal(refused, await admin.MetricAsync("fastgate_limits_refused_total", "address_connections"));
        Assert.Equal(0, await admin.MetricAsync("fastgate_transport_dropped_total"));
        Assert.Single(gateway.Log.Split('\n'), static line => line.Contains("[7786]", StringComparison.Ordinal));
        await only.SendAsync(ClientFrame.Text(DeviceTexts.Ping));
        Assert.Equal("""{"type":"pong"}""", (await only.ReadFrameAsync())?.PayloadText);
        Assert.Equal(0, await gateway.TerminateAsync());
    }

    /// <summary>Whether anything but the end comes after a request.</summary>
    private static async Task<bool> IsServedAsync(int port, IPAddress from)
    {
        try
        {
            using RawConnection device = await RawConnection.OpenDeviceAsync(port, "another", from: from);
            return true;
        }
        catch (Exception exception) when (exception is IOException or System.Net.Sockets.SocketException)
        {
            return false;
        }
    }
}
