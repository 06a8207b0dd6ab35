using System.Globalization;
using System.Net;
using FastGate.FunctionalTests.Clients;
using FastGate.FunctionalTests.Server;

namespace FastGate.FunctionalTests;

/// <summary>
/// Each system call that an event loop makes for a connection fails once, at each of its places, with each error that the kernel gives for it. The fault costs
/// its own connection at most: others are served, a new one connects, and each end is counted once.
/// </summary>
public sealed class SystemCallMatrixTests
{
    private static readonly string[] s_sendErrors = ["EPIPE", "ECONNRESET", "ETIMEDOUT", "ENOBUFS", "ENOMEM", "EIO"];

    /// <summary>A device has its request, a ping and its close received, and the answer to each sent.</summary>
    private static readonly (string Call, string[] Errors, int Places)[] s_faults =
    [
        ("accept4", ["ECONNABORTED", "EPROTO", "EPERM", "ENETDOWN", "EHOSTUNREACH"], 1),
        ("recvfrom", ["ECONNRESET", "ETIMEDOUT", "ENOMEM", "EHOSTUNREACH", "EIO"], 3),
        ("sendto", s_sendErrors, 3),
        ("epoll_ctl", ["ENOMEM", "ENOSPC"], 1),
        ("close", ["EIO", "EINTR"], 1),
    ];

    [RequiresProgramFact(RequiredProgram.Strace)]
    public async Task A_failed_system_call_costs_its_own_connection_at_most()
    {
        await using GatewayProcess gateway = await GatewayProcess.StartAsync("--FastGate:Devices:EventLoops=1");
        using AdminClient admin = new(gateway);
        using RawConnection bystander = await RawConnection.OpenDeviceAsync(gateway.DevicePort, "bystander");
        foreach ((string call, string[] errors, int places) in s_faults)
        {
            foreach ((string error, int place) in errors.SelectMany(error => Enumerable.Range(1, places).Select(place => (error, place))))
            {
                string fault = string.Create(CultureInfo.InvariantCulture, $"{call} {error} {place}");
                await using (SystemCallFaults faults = await SystemCallFaults.AttachAsync(
                    gateway.ProcessId, call, string.Create(CultureInfo.InvariantCulture, $"error={error}:when={place}")))
                {
                    await TryServeAsync(gateway.DevicePort, $"struck by {fault}");
                    await IsInjectedAsync(faults, fault);
                }

                await bystander.SendAsync(ClientFrame.Text(DeviceTexts.Ping));
                Assert.Equal("""{"type":"pong"}""", (await bystander.ReadFrameAsync())?.PayloadText);
                Assert.True(await TryServeAsync(gateway.DevicePort, "next"), $"a device after {fault} was not served");
                await Eventually.TrueAsync(async () => await admin.ConnectionCountAsync() == 1, Deadline.Program, $"one connection is open after {fault}");
            }
        }

        Assert.Equal(0, await admin.MetricAsync("fastgate_transport_faults_total", mayBeUnused: true));
        Assert.Equal(0, await gateway.TerminateAsync());
    }

    /// <summary>
    /// A large message is sent with its header by <c>sendmsg</c>. After an error the flush sends it by <c>sendto</c>, which meets the same error where it lasts.
    /// </summary>
    [RequiresProgramFact(RequiredProgram.Strace)]
    public async Task A_failed_send_of_a_large_message_is_repeated_by_the_flush()
    {
        await using GatewayProcess gateway = await GatewayProcess.StartAsync("--FastGate:Devices:EventLoops=1", "--FastGate:Devices:Echo=true");
        using AdminClient admin = new(gateway);
        using RawConnection bystander = await RawConnection.OpenDeviceAsync(gateway.DevicePort, "bystander");
        foreach (string error in s_sendErrors.Append("EAGAIN"))
        {
            bool isAnswered;
            await using (SystemCallFaults faults = await SystemCallFaults.AttachAsync(gateway.ProcessId, "sendmsg", $"error={error}:when=1"))
            {
                isAnswered = await TryEchoAsync(gateway.DevicePort, $"struck by sendmsg {error}");
                await IsInjectedAsync(faults, $"sendmsg {error}");
            }

            Assert.True(isAnswered, $"the device struck by sendmsg {error} was not answered");
            await bystander.SendAsync(ClientFrame.Build(RawFrame.Binary, new byte[16]));
            Assert.Equal(16, (await bystander.ReadFrameAsync())?.Payload.Length);
            Assert.True(await TryEchoAsync(gateway.DevicePort, "next"), $"a device after {error} was not served");
            await Eventually.TrueAsync(async () => await admin.ConnectionCountAsync() == 1, Deadline.Program, $"one connection is open after {error}");
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

    /// <summary>A fault that does not happen proves nothing. The server closes its socket some time after the device.</summary>
    private static Task IsInjectedAsync(SystemCallFaults faults, string fault) => Eventually.TrueAsync(
        () => faults.Lines().Any(static line => line.Contains("(INJECTED)", StringComparison.Ordinal)), Deadline.Program, $"{fault} is injected");

    /// <summary>True when the device got back a large message.</summary>
    private static async Task<bool> TryEchoAsync(int port, string name)
    {
        const int Size = 16 * 1024;
        try
        {
            using RawConnection device = await RawConnection.OpenDeviceAsync(port, name.Replace(' ', '-'));
            await device.SendAsync(ClientFrame.Build(RawFrame.Binary, new byte[Size]));
            return (await device.ReadFrameAsync())?.Payload.Length == Size;
        }
        catch (Exception exception) when (exception is IOException or System.Net.Sockets.SocketException or Xunit.Sdk.XunitException)
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
