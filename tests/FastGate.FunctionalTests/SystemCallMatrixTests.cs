using System.Globalization;
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
    private static readonly string[] s_receiveErrors = ["ECONNRESET", "ETIMEDOUT", "ENOMEM", "EHOSTUNREACH", "EIO"];
    private static readonly string[] s_shutdownErrors = ["ENOTCONN", "EINVAL", "ENOBUFS"];

    /// <summary>The loop cannot watch the new connection, so it refuses it.</summary>
    private const string Refused = "epoll_ctl:error=ENOMEM:when=1";

    /// <summary>
    /// A device has its request, a ping and its close received, and the answer to each sent. {0} is the error and {1} the place. A send that the kernel does
    /// not take is repeated by <c>sendmsg</c>; after that the loop watches for output by a second <c>epoll_ctl</c>.
    /// </summary>
    private static readonly (string[] Faults, string[] Errors, int Places)[] s_ofDevices =
    [
        (["accept4:error={0}:when={1}"], ["ECONNABORTED", "EPROTO", "EPERM", "ENETDOWN", "EHOSTUNREACH"], 1),
        (["recvfrom:error={0}:when={1}"], s_receiveErrors, 3),
        (["sendto:error={0}:when={1}"], s_sendErrors, 3),
        (["epoll_ctl:error={0}:when={1}"], ["ENOMEM", "ENOSPC"], 1),
        (["close:error={0}:when={1}"], ["EIO", "EINTR"], 1),
        (["sendto:error=EAGAIN:when={1}", "sendmsg:error={0}:when=1"], s_sendErrors, 3),
        (["sendto:error=EAGAIN:when={1}", "sendmsg:error=EAGAIN:when=1", "epoll_ctl:error={0}:when=2"], ["ENOMEM", "ENOENT"], 3),
        ([Refused, "sendto:error={0}:when={1}"], s_sendErrors, 1),
        ([Refused, "shutdown:error={0}:when={1}"], s_shutdownErrors, 1),
        ([Refused, "recvfrom:error={0}:when={1}"], s_receiveErrors, 1),
        ([Refused, "close:error={0}:when={1}"], ["EIO", "EINTR"], 1),
    ];

    [RequiresProgramFact(RequiredProgram.Strace)]
    public async Task A_failed_system_call_costs_its_own_connection_at_most()
    {
        await using FaultedGateway gateway = await FaultedGateway.StartAsync();
        int kept = 0;
        foreach ((string[] faults, string[] errors, int places) in s_ofDevices)
        {
            foreach ((string error, int place) in errors.SelectMany(error => Enumerable.Range(1, places).Select(place => (error, place))))
            {
                await gateway.StrikeAsync(() => gateway.TryServeAsync("struck"), [.. faults.Select(fault => Format(fault, error, place))]);
                kept += faults[^1].StartsWith("close:", StringComparison.Ordinal) ? 1 : 0;
            }
        }

        await gateway.EndAsync(kept: kept);
    }

    /// <summary>The kernel takes no byte for a while: each answer is sent as soon as it takes some.</summary>
    [RequiresProgramFact(RequiredProgram.Strace)]
    public async Task Answer_that_the_kernel_does_not_take_at_once_is_sent_later()
    {
        await using FaultedGateway gateway = await FaultedGateway.StartAsync();
        for (int place = 1; place <= 3; place++)
        {
            bool isServed = false;
            await gateway.StrikeAsync(
                async () => isServed = await gateway.TryServeAsync("struck"), Format("sendto:error=EAGAIN:when={1}", "", place), "sendmsg:error=EAGAIN:when=1");
            Assert.True(isServed, $"answer {place} was not sent");
        }

        await gateway.EndAsync();
    }

    /// <summary>The loop waits for the kernel to take more of each connection's output. As soon as it does, the send fails.</summary>
    [RequiresProgramFact(RequiredProgram.Strace)]
    public async Task A_failed_send_of_output_that_waits_costs_its_own_connection()
    {
        string[] results = [.. s_sendErrors, "EAGAIN", "EINTR"];
        await using FaultedGateway gateway = await FaultedGateway.StartAsync();
        List<RawConnection> devices = [];
        foreach (string result in results)
        {
            devices.Add(await RawConnection.OpenDeviceAsync(gateway.Server.DevicePort, result));
        }

        await using (SystemCallFaults faults = await SystemCallFaults.AttachToLoopAsync(
            gateway.Server.ProcessId, loop: 0, "sendto:error=EAGAIN", "sendmsg:error=EAGAIN"))
        {
            foreach (RawConnection device in devices)
            {
                await device.SendAsync(ClientFrame.Text(DeviceTexts.Ping));
            }

            // One send after the answer, and one for the event that reports space.
            await Eventually.TrueAsync(
                () => faults.Injected().Where(static line => line.Contains(" sendmsg(", StringComparison.Ordinal))
                    .CountBy(static line => line.Split(['(', ','])[1]).Count(static sends => sends.Value == 2) == results.Length,
                Deadline.Program);
        }

        foreach ((RawConnection device, string result) in devices.Zip(results))
        {
            string fault = $"sendmsg:error={result}:when=1";
            await using SystemCallFaults faults = await SystemCallFaults.AttachToLoopAsync(gateway.Server.ProcessId, loop: 0, fault);
            await device.SendAsync(ClientFrame.Text(DeviceTexts.Ping));
            await faults.AreInjectedAsync(fault);
            for (int pong = 0; pong < 2; pong++)
            {
                string? expected = result is "EAGAIN" or "EINTR" ? """{"type":"pong"}""" : null;
                Assert.Equal(expected, (await device.ReadFrameAsync())?.PayloadText);
            }

            device.Dispose();
        }

        await gateway.AssertUnharmedAsync("sends of output that waits");
        await gateway.EndAsync();
    }

    /// <summary>A connection that the server ends first: it shuts down sending, and receives until the peer ends its side.</summary>
    [RequiresProgramFact(RequiredProgram.Strace)]
    public async Task A_failed_call_of_a_lingering_close_ends_the_connection()
    {
        await using FaultedGateway gateway = await FaultedGateway.StartAsync("--FastGate:Devices:Timeouts:Close=00:00:00.500");
        foreach (string error in s_shutdownErrors)
        {
            // The peer ends its side first, or waits until the server's time for that is over.
            await gateway.StrikeAsync(() => SendBadRequestAsync(gateway, waits: false), $"shutdown:error={error}:when=1");
            await gateway.StrikeAsync(() => SendBadRequestAsync(gateway, waits: true), $"shutdown:error={error}:when=1");
        }

        foreach (string error in s_receiveErrors)
        {
            await gateway.StrikeAsync(() => SendBadRequestAsync(gateway, waits: false), $"recvfrom:error={error}:when=2");
        }

        await gateway.EndAsync();
    }

    /// <summary>A device that does not answer a close is reset. Without that option its close is an orderly end.</summary>
    [RequiresProgramFact(RequiredProgram.Strace)]
    public async Task A_failed_reset_ends_the_connection()
    {
        await using FaultedGateway gateway = await FaultedGateway.StartAsync("--FastGate:Devices:Timeouts:Close=00:00:00.100");
        foreach (string error in (string[])["ENOPROTOOPT", "EINVAL", "ENOMEM"])
        {
            using RawConnection silent = await RawConnection.OpenDeviceAsync(gateway.Server.DevicePort, "silent");
            await gateway.StrikeAsync(
                async () =>
                {
                    await gateway.Admin.KickAsync("silent");
                    Assert.NotNull(await silent.ReadFrameAsync(RawFrame.Close));
                    Assert.Empty(await silent.ReadToEndAsync());
                },
                $"setsockopt:error={error}:when=1");
        }

        await gateway.EndAsync();
    }

    /// <summary>
    /// A large message is sent with its header by <c>sendmsg</c>. After an error the flush sends it by <c>sendto</c>, which meets the same error where it
    /// lasts.
    /// </summary>
    [RequiresProgramFact(RequiredProgram.Strace)]
    public async Task A_failed_send_of_a_large_message_is_repeated_by_the_flush()
    {
        await using FaultedGateway gateway = await FaultedGateway.StartAsync("--FastGate:Devices:Echo=true");
        foreach (string error in s_sendErrors.Append("EAGAIN"))
        {
            string large = $"sendmsg:error={error}:when=1";
            bool isAnswered = false;
            await gateway.StrikeAsync(async () => isAnswered = await TryEchoAsync(gateway.Server.DevicePort), large);
            Assert.True(isAnswered, $"the device struck by sendmsg {error} was not answered");
            await gateway.StrikeAsync(async () => isAnswered = await TryEchoAsync(gateway.Server.DevicePort), large, $"sendto:error={error}:when=2");
            Assert.Equal(error == "EAGAIN", isAnswered);
        }

        await gateway.EndAsync();
    }

    private static string Format(string fault, string error, int place) => string.Format(CultureInfo.InvariantCulture, fault, error, place);

    /// <summary>The answer is there in any case; its end comes from the shutdown, or from the close.</summary>
    private static async Task SendBadRequestAsync(FaultedGateway gateway, bool waits)
    {
        using RawConnection device = await RawConnection.OpenAsync(gateway.Server.DevicePort);
        await device.SendAsync("no request\r\n\r\n");
        Assert.InRange((await device.ReadReplyAsync()).Status, 400, 499);
        if (waits)
        {
            Assert.Empty(await device.ReadToEndAsync());
        }
    }

    /// <summary>True when the device got back a large message.</summary>
    private static async Task<bool> TryEchoAsync(int port)
    {
        const int Size = 16 * 1024;
        try
        {
            using RawConnection device = await RawConnection.OpenDeviceAsync(port, "struck");
            await device.SendAsync(ClientFrame.Build(RawFrame.Binary, new byte[Size]));
            return (await device.ReadFrameAsync())?.Payload.Length == Size;
        }
        catch (Exception exception) when (exception is IOException or System.Net.Sockets.SocketException or Xunit.Sdk.XunitException)
        {
            return false;
        }
    }
}
