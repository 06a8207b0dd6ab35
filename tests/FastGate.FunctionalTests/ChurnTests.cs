using FastGate.FunctionalTests.Clients;
using FastGate.FunctionalTests.Server;
using Xunit.Abstractions;

namespace FastGate.FunctionalTests;

/// <summary>Waves of ten thousand connections that end abruptly leave no connection, timer, descriptor or memory behind.</summary>
public sealed class ChurnTests(GatewayFixture fixture, ITestOutputHelper output) : IClassFixture<GatewayFixture>
{
    private const int Count = 10_000;
    private const int AtOnce = 64;
    private const int Waves = 5;

    /// <summary>Memory that garbage collection may add. A leak of 1 KB per connection would add 30 MB in three waves.</summary>
    private const long Allowance = 24L * 1024 * 1024;

    [Fact]
    public async Task Registry_timers_and_memory_return_to_their_baseline()
    {
        // The first two waves compile code and fill pools.
        List<Snapshot> settled = [];
        for (int wave = 0; wave < Waves; wave++)
        {
            await WaveAsync(wave);
            settled.Add(await SettledAsync());
            output.WriteLine($"{settled[^1]}");
        }

        Snapshot before = settled[1];
        Assert.All(settled, after =>
        {
            Assert.Equal(0, after.Devices);
            Assert.Equal(0, after.Connections);
            Assert.Equal(0, after.Timers);
            Assert.InRange(after.Descriptors, 0, before.Descriptors + 16);
        });

        // The lower of the last two waves: a collection may be due at any moment, a leak stays.
        Assert.InRange(Math.Min(settled[^1].Resident, settled[^2].Resident), 0, before.Resident + Allowance);
        await fixture.AssertHealthyAsync();
    }

    private async Task WaveAsync(int wave)
    {
        int next = 0;
        await Task.WhenAll(Enumerable.Range(0, AtOnce).Select(async _ =>
        {
            int i;
            while ((i = Interlocked.Increment(ref next)) <= Count)
            {
                await ConnectAndDropAsync($"churn-{wave}-{i}", i);
            }
        }));
    }

    private async Task ConnectAndDropAsync(string deviceId, int i)
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
