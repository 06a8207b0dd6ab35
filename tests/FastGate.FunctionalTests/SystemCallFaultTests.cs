using System.Globalization;
using System.Text.RegularExpressions;
using FastGate.FunctionalTests.Clients;
using FastGate.FunctionalTests.Server;

namespace FastGate.FunctionalTests;

/// <summary>System call errors that are injected by strace.</summary>
public sealed partial class SystemCallFaultTests
{
    private const int MessageSize = 1024 * 1024;

    /// <summary>Shortest times between failed accepts, in seconds. The first retry is immediate because a reserved descriptor was released.</summary>
    private static readonly double[] s_shortestDelays = [0, 0.1, 0.2];

    [RequiresProgramTheory(RequiredProgram.Strace)]
    [InlineData("EMFILE")]
    [InlineData("ENFILE")]
    [InlineData("ENOMEM")]
    [InlineData("ENOBUFS")]
    public async Task Failed_accept_is_retried_with_growing_delays(string error)
    {
        await using GatewayProcess gateway = await GatewayProcess.StartAsync("--FastGate:Devices:EventLoops=1");
        double[] failed;
        Task<DeviceClient> connecting;
        await using (SystemCallFaults faults = await SystemCallFaults.AttachAsync(gateway.ProcessId, "accept4", $"error={error}"))
        {
            connecting = DeviceClient.ConnectAsync(gateway, "waiting");
            failed = await Eventually.ValueAsync(
                () => Task.FromResult(FailedAccepts(faults, gateway.DevicePort)), static all => all.Length > s_shortestDelays.Length);
            Assert.False(connecting.IsCompleted, "the connection was accepted despite the fault");
        }

        for (int i = 0; i < s_shortestDelays.Length; i++)
        {
            // A retry is never early; a busy machine may delay it.
            Assert.InRange(failed[i + 1] - failed[i], s_shortestDelays[i] * 0.9, double.MaxValue);
        }

        await using DeviceClient device = await connecting;
        await device.HelloAsync();
        await device.SayAsync("还有位置吗？");
        using AdminClient admin = new(gateway);
        Assert.InRange(await admin.MetricAsync("fastgate_transport_accept_errors_total", "Pressure"), failed.Length, double.MaxValue);
        Assert.Equal(0, await gateway.TerminateAsync());
    }

    /// <summary>Every third call of each thread fails with EINTR.</summary>
    [RequiresProgramTheory(RequiredProgram.Strace)]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Interrupted_system_calls_are_retried(bool echo)
    {
        await using GatewayProcess gateway = await GatewayProcess.StartAsync(
            "--FastGate:Devices:EventLoops=1", $"--FastGate:Devices:Echo={echo}", $"--FastGate:Devices:Limits:Message={MessageSize}");
        await using SystemCallFaults faults = await SystemCallFaults.AttachAsync(
            gateway.ProcessId, "accept4,recvfrom,recvmsg,sendto,sendmsg,?epoll_wait,?epoll_pwait,write", "error=EINTR:when=2+3");
        for (int i = 0; i < 12; i++)
        {
            using RawConnection device = await RawConnection.OpenDeviceAsync(gateway.DevicePort, $"device-{i}");
            if (echo)
            {
                await AssertEchoAsync(device, i);
            }
            else
            {
                await device.SendAsync(ClientFrame.Text(DeviceTexts.Ping));
                Assert.Equal("""{"type":"pong"}""", (await device.ReadFrameAsync())?.PayloadText);
            }

            await device.SendAsync(ClientFrame.Close(1000));
            Assert.Equal(1000, (await device.ReadFrameAsync())?.CloseStatus);
        }

        if (!echo)
        {
            await using DeviceClient device = await DeviceClient.ConnectAsync(gateway, "talker");
            await device.HelloAsync();
            Assert.Contains(await device.SayAsync("听得到吗？"), static message => (string?)message["state"] == "sentence_start");
        }

        // Every system call that the transport makes for a connection was interrupted.
        IReadOnlyList<string> calls = faults.Lines();
        foreach (string call in (string[])["accept4", "epoll_p?wait", "recvfrom|recvmsg", "sendto|sendmsg"])
        {
            Assert.Contains(calls, line => Regex.IsMatch(line, $@" ({call})\(.*EINTR .*\(INJECTED\)"));
        }

        // Still traced: strace that detaches within an injected call lets it end with ENOSYS, which ends the framework's socket engine and the process.
        Assert.Equal(0, await gateway.TerminateAsync());
    }

    private static async Task AssertEchoAsync(RawConnection device, int seed)
    {
        byte[] message = new byte[MessageSize];
        new Random(seed).NextBytes(message);
        Task sending = device.SendAsync(ClientFrame.Build(RawFrame.Binary, message));
        Assert.True((await device.ReadFrameAsync())!.Payload.AsSpan().SequenceEqual(message), "the echo differs");
        await sending;
    }

    private static double[] FailedAccepts(SystemCallFaults faults, int port) =>
    [
        .. faults.Lines().Select(static line => FailedAccept().Match(line))
            .Where(match => match.Success && match.Groups["port"].Value == port.ToString(CultureInfo.InvariantCulture))
            .Select(static match => double.Parse(match.Groups["at"].ValueSpan, CultureInfo.InvariantCulture))
            .Order(),
    ];

    [GeneratedRegex(@"^(?<at>\d+\.\d+) accept4\(\d+<TCP:\[[^\]]*:(?<port>\d+)\]>.*\(INJECTED\)")]
    private static partial Regex FailedAccept();
}
