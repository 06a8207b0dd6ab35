using System.Globalization;
using System.Text.RegularExpressions;
using FastGate.FunctionalTests.Clients;
using FastGate.FunctionalTests.Server;

namespace FastGate.FunctionalTests;

/// <summary>System calls that fail in ways no test can bring about for real.</summary>
public sealed partial class SystemCallFaultTests
{
    private const int MessageSize = 1024 * 1024;

    /// <summary>Between failed accepts, in seconds: the second is made at once, for the reserve has been given up; then the pauses double.</summary>
    private static readonly double[] s_shortestPauses = [0, 0.1, 0.2];

    [RequiresProgramTheory(RequiredProgram.Strace)]
    [InlineData("EMFILE")]
    [InlineData("ENFILE")]
    [InlineData("ENOMEM")]
    [InlineData("ENOBUFS")]
    public async Task An_exhausted_system_is_asked_again_in_growing_pauses_until_it_has_room(string error)
    {
        await using GatewayProcess gateway = await GatewayProcess.StartAsync("--FastGate:Devices:EventLoops=1");
        double[] failed;
        Task<DeviceClient> connecting;
        await using (SystemCallFaults faults = await SystemCallFaults.AttachAsync(gateway.ProcessId, "accept4", $"error={error}"))
        {
            connecting = DeviceClient.ConnectAsync(gateway, "patient");
            failed = await Eventually.ValueAsync(
                () => Task.FromResult(FailedAccepts(faults, gateway.DevicePort)), static all => all.Length > s_shortestPauses.Length);
            Assert.False(connecting.IsCompleted, "nobody could be accepted");
        }

        for (int i = 0; i < s_shortestPauses.Length; i++)
        {
            // Never sooner; how much later is the machine's affair.
            Assert.InRange(failed[i + 1] - failed[i], s_shortestPauses[i] * 0.9, double.MaxValue);
        }

        await using DeviceClient device = await connecting;
        await device.HelloAsync();
        await device.SayAsync("还有位置吗？");
        using AdminClient admin = new(gateway);
        Assert.InRange(await admin.MetricAsync("fastgate_transport_accept_errors_total", "Pressure"), failed.Length, double.MaxValue);
        Assert.Equal(0, await gateway.TerminateAsync());
    }

    /// <summary>Every third call of each thread is interrupted before it has done anything.</summary>
    [RequiresProgramTheory(RequiredProgram.Strace)]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Interrupted_calls_are_made_again_and_nobody_notices(bool echo)
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

        // All the calls that this transport makes on the device's road were among them.
        IReadOnlyList<string> calls = faults.Lines();
        foreach (string call in (string[])["accept4", "epoll_p?wait", "recvfrom|recvmsg", "sendto|sendmsg"])
        {
            Assert.Contains(calls, line => Regex.IsMatch(line, $@" ({call})\(.*EINTR .*\(INJECTED\)"));
        }

        await faults.DetachAsync();
        Assert.Equal(0, await gateway.TerminateAsync());
    }

    private static async Task AssertEchoAsync(RawConnection device, int seed)
    {
        byte[] message = new byte[MessageSize];
        new Random(seed).NextBytes(message);
        Task sending = device.SendAsync(ClientFrame.Build(RawFrame.Binary, message));
        Assert.True((await device.ReadFrameAsync())!.Payload.AsSpan().SequenceEqual(message), "not what was sent");
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
