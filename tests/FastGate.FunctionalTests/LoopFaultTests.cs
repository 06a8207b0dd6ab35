using System.Globalization;
using FastGate.FunctionalTests.Clients;
using FastGate.FunctionalTests.Server;

namespace FastGate.FunctionalTests;

/// <summary>
/// Errors of an event loop's wait and of the writes that wake it, which the sockets transport does not make. Only a defect can cause most of them: each is
/// counted and logged, the loop does not spin, and nothing that it has to do is lost.
/// </summary>
public sealed class LoopFaultTests
{
    private const string Waits = "?epoll_wait,?epoll_pwait";

    /// <summary>The pause after a failed wait, in seconds. A busy machine makes it longer, never shorter.</summary>
    private const double Pause = 0.01;

    private static readonly string[] s_waitErrors = ["EBADF", "EFAULT", "EINVAL", "ENOSYS"];
    private static readonly string[] s_writeErrors = ["EAGAIN", "EBADF", "EINVAL", "EIO"];

    [RequiresProgramFact(RequiredProgram.Strace)]
    public async Task A_failed_wait_is_reported_and_devices_are_served()
    {
        await using FaultedGateway gateway = await FaultedGateway.StartAsync();
        double reported = 0;
        foreach (string error in s_waitErrors)
        {
            bool isServed = false;
            await gateway.StrikeAsync(async () => isServed = await gateway.TryServeAsync("served"), EverySecond(error));
            Assert.True(isServed, $"a device was not served while every second wait failed with {error}");
            double before = reported;
            reported = await gateway.DefectsAsync();
            Assert.True(reported > before, $"{error} was not counted");
        }

        Assert.Contains("epoll_wait:", gateway.Server.Log, StringComparison.Ordinal);

        // A signal is no defect.
        await gateway.StrikeAsync(() => gateway.TryServeAsync("served"), EverySecond("EINTR"));
        await gateway.EndAsync(reported);
    }

    /// <summary>No event reaches the loop. What arrives meanwhile is served when the waits work again.</summary>
    [RequiresProgramFact(RequiredProgram.Strace)]
    public async Task Waits_that_all_fail_do_not_make_the_loop_spin()
    {
        await using FaultedGateway gateway = await FaultedGateway.StartAsync();
        using RawConnection device = await RawConnection.OpenDeviceAsync(gateway.Server.DevicePort, "waiting");
        await using (SystemCallFaults faults = await SystemCallFaults.AttachToLoopAsync(gateway.Server.ProcessId, loop: 0, $"{Waits}:error=EBADF"))
        {
            await device.SendAsync(ClientFrame.Text(DeviceTexts.Ping));
            await Eventually.TrueAsync(() => faults.Injected().Count >= 10, Deadline.Program);
            double[] times = [.. faults.Injected().Select(static line => double.Parse(line.Split(' ')[0], CultureInfo.InvariantCulture))];
            Assert.All(times.Zip(times.Skip(1)), static pair => Assert.InRange(pair.Second - pair.First, Pause * 0.9, double.MaxValue));
        }

        Assert.Equal("""{"type":"pong"}""", (await device.ReadFrameAsync())?.PayloadText);
        device.Dispose();
        await gateway.AssertUnharmedAsync("failed waits");
        await gateway.EndAsync(defects: null);
    }

    /// <summary>Each thread's first write fails, or every write for a while. The device's close is posted to the loop by another thread.</summary>
    [RequiresProgramFact(RequiredProgram.Strace)]
    public async Task Work_is_not_lost_when_a_wake_up_fails()
    {
        await using FaultedGateway gateway = await FaultedGateway.StartAsync();
        foreach (string error in s_writeErrors)
        {
            await KickAsync(gateway, $"error={error}:when=1", lasts: false);
        }

        await KickAsync(gateway, "error=EIO", lasts: true);
        Assert.Contains("write of an eventfd:", gateway.Server.Log, StringComparison.Ordinal);
        await gateway.EndAsync(defects: null);
    }

    /// <summary>The last waits of the exchange do not fail: strace that detaches within an injected call lets it end with ENOSYS.</summary>
    private static string EverySecond(string error) => $"{Waits}:error={error}:when=1..7+2";

    /// <summary>A fault that lasts is repeated until it is over, and then the device gets its close; it gets it under any other.</summary>
    private static async Task KickAsync(FaultedGateway gateway, string fault, bool lasts)
    {
        double before = await gateway.DefectsAsync();
        using RawConnection device = await RawConnection.OpenDeviceAsync(gateway.Server.DevicePort, "kicked");
        await using (SystemCallFaults faults = await SystemCallFaults.AttachToWakesAsync(gateway.Server.ProcessId, fault))
        {
            await gateway.Admin.KickAsync("kicked");
            if (!lasts)
            {
                Assert.NotNull(await device.ReadFrameAsync(RawFrame.Close));
            }

            await Eventually.TrueAsync(() => faults.Injected().Count >= (lasts ? 3 : 1), Deadline.Program, $"write {fault} is injected");
        }

        if (lasts)
        {
            Assert.NotNull(await device.ReadFrameAsync(RawFrame.Close));
        }

        await device.SendAsync(ClientFrame.Close(1000));
        Assert.Empty(await device.ReadToEndAsync());
        await gateway.AssertUnharmedAsync($"write {fault}");
        Assert.True(await gateway.DefectsAsync() > before, $"{fault} was not counted");
    }
}
