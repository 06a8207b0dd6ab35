using FastGate.FunctionalTests.Clients;
using FastGate.FunctionalTests.Server;
using Xunit.Abstractions;

namespace FastGate.FunctionalTests;

/// <summary>Ten thousand connections that come and go without manners leave nothing behind.</summary>
public sealed class ChurnTests(GatewayFixture fixture, ITestOutputHelper output) : IClassFixture<GatewayFixture>
{
    private const int Count = 10_000;
    private const int AtOnce = 64;

    /// <summary>A leak of one connection's objects each would be above 10 MB; the garbage collector's own moods stay below this.</summary>
    private const long Allowance = 16L * 1024 * 1024;

    [Fact]
    public async Task Registry_timers_and_memory_are_where_they_were()
    {
        // The first wave warms up: code is compiled, pools are filled.
        await WaveAsync(0);
        Snapshot before = await SettledAsync();
        await WaveAsync(1);
        Snapshot after = await SettledAsync();
        output.WriteLine($"before: {before}");
        output.WriteLine($"after:  {after}");
        Assert.Equal(0, after.Devices);
        Assert.Equal(0, after.Connections);
        Assert.Equal(before.Timers, after.Timers);
        Assert.InRange(after.Descriptors, 0, before.Descriptors + 8);
        Assert.InRange(after.Resident, 0, before.Resident + Allowance);
        await fixture.AssertUnharmedAsync();
    }

    private async Task WaveAsync(int wave)
    {
        int next = 0;
        await Task.WhenAll(Enumerable.Range(0, AtOnce).Select(async _ =>
        {
            int i;
            while ((i = Interlocked.Increment(ref next)) <= Count)
            {
                await ComeAndGoAsync($"churn-{wave}-{i}", i);
            }
        }));
    }

    private async Task ComeAndGoAsync(string deviceId, int i)
    {
        using RawConnection device = await RawConnection.OpenAsync(fixture.Gateway.DevicePort);
        byte[] request = System.Text.Encoding.ASCII.GetBytes(DeviceTexts.Esp32Request(deviceId));
        switch (i % 5)
        {
            case 0:
                await device.SendAsync(request.AsMemory(0, request.Length / 2));
                break;
            case 1:
                await device.SendAsync(request);
                device.Reset();
                break;
            case 2:
                await device.SendAsync(request);
                await device.ReadReplyAsync();
                await device.SendAsync(ClientFrame.Header(RawFrame.Binary, 1_000));
                break;
            case 3:
                await device.SendAsync(request);
                await device.ReadReplyAsync();
                await device.SendAsync(ClientFrame.Text(DeviceTexts.Hello));
                await device.ReadFrameAsync();
                device.Reset();
                break;
            default:
                await device.SendAsync(request);
                await device.ReadReplyAsync();
                await device.SendAsync(ClientFrame.Text(DeviceTexts.Hello));
                await device.SendAsync(ClientFrame.Text(DeviceTexts.Detect("再见")));
                break;
        }
    }

    private async Task<Snapshot> SettledAsync()
    {
        await Eventually.ValueAsync(fixture.Admin.ConnectionCountAsync, count => count == 0);
        double timers = await Eventually.ValueAsync(() => fixture.Admin.MetricAsync("fastgate_timers_armed"), count => count == 0);
        int processId = fixture.Gateway.ProcessId;
        return new Snapshot(
            (await fixture.Admin.DevicesAsync()).Count,
            await fixture.Admin.ConnectionCountAsync(),
            timers,
            PosixProcess.OpenDescriptors(processId),
            PosixProcess.ResidentBytes(processId));
    }

    private sealed record Snapshot(int Devices, double Connections, double Timers, int Descriptors, long Resident);
}
