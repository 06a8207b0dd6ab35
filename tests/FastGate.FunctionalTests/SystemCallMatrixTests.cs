using System.Net;
using FastGate.FunctionalTests.Clients;
using FastGate.FunctionalTests.Server;

namespace FastGate.FunctionalTests;

/// <summary>
/// Each system call that an event loop makes for a connection fails once with each error that the kernel gives for it. The fault costs its own
/// connection at most: others are served, a new one connects, and each end is counted once.
/// </summary>
public sealed class SystemCallMatrixTests
{
    private static readonly (string Call, string[] Errors)[] s_faults =
    [
        ("accept4", ["ECONNABORTED", "EPROTO", "EPERM", "ENETDOWN", "EHOSTUNREACH"]),
        ("recvfrom", ["ECONNRESET", "ETIMEDOUT", "ENOMEM", "EHOSTUNREACH", "EIO"]),
        ("sendto", ["EPIPE", "ECONNRESET", "ETIMEDOUT", "ENOBUFS", "ENOMEM", "EIO"]),
        ("epoll_ctl", ["ENOMEM", "ENOSPC"]),
        ("close", ["EIO", "EINTR"]),
    ];

    [RequiresProgramFact(RequiredProgram.Strace)]
    public async Task A_failed_system_call_costs_its_own_connection_at_most()
    {
        await using GatewayProcess gateway = await GatewayProcess.StartAsync("--FastGate:Devices:EventLoops=1");
        using AdminClient admin = new(gateway);
        using RawConnection bystander = await RawConnection.OpenDeviceAsync(gateway.DevicePort, "bystander");
        foreach ((string call, string[] errors) in s_faults)
        {
            foreach (string error in errors)
            {
                await using (SystemCallFaults faults = await SystemCallFaults.AttachAsync(gateway.ProcessId, call, $"error={error}:when=1"))
                {
                    await TryServeAsync(gateway.DevicePort, $"struck by {call} {error}");

                    // A fault that does not happen proves nothing. The server closes its socket some time after the device.
                    await Eventually.TrueAsync(() => faults.Lines().Any(static line => line.Contains("(INJECTED)", StringComparison.Ordinal)), Deadline.Program, $"{call} {error} is injected");
                }

                await bystander.SendAsync(ClientFrame.Text(DeviceTexts.Ping));
                Assert.Equal("""{"type":"pong"}""", (await bystander.ReadFrameAsync())?.PayloadText);
                Assert.True(await TryServeAsync(gateway.DevicePort, "next"), $"a device after {call} {error} was not served");
                await Eventually.TrueAsync(async () => await admin.ConnectionCountAsync() == 1, Deadline.Program, $"one connection is open after {call} {error}");
            }
        }

        Assert.Equal(0, await admin.MetricAsync("fastgate_transport_faults_total", mayBeUnused: true));
        Assert.Equal(0, await gateway.TerminateAsync());
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

    /// <summary>True when the device was served from its request to its close.</summary>
    private static async Task<bool> TryServeAsync(int port, string name)
    {
        try
        {
            using RawConnection device = await RawConnection.OpenDeviceAsync(port, name.Replace(' ', '-'));
            await device.SendAsync(ClientFrame.Text(DeviceTexts.Ping));
            bool answered = (await device.ReadFrameAsync())?.PayloadText == """{"type":"pong"}""";
            return answered && await device.TrySendAsync(ClientFrame.Close(1000)) && (await device.ReadFrameAsync())?.CloseStatus == 1000;
        }
        catch (Exception exception) when (exception is IOException or System.Net.Sockets.SocketException or Xunit.Sdk.XunitException)
        {
            return false;
        }
    }
}
