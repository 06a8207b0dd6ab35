using FastGate.FunctionalTests.Server;
using FastGate.LoadTest.Devices;
using FastGate.NBomber;

namespace FastGate.LoadTest.Tests;

/// <summary>The devices of perf/FastGate.NBomber against the real server.</summary>
public class SocketDevicesTests(LoadFixture servers) : IClassFixture<LoadFixture>
{
    [Fact]
    public async Task A_device_of_the_same_number_replaces_the_kept_one()
    {
        using CancellationTokenSource hang = new(Deadline.Hang);
        SocketDevices devices = Create();
        PipeDevice old = await devices.OpenAsync(1, hang.Token);
        devices.Keep(1, old);
        Assert.Same(old, devices.Find(1));
        await old.PingAsync(hang.Token);
        await old.AskAsync("hello", bargeIn: true, hang.Token);
        devices.Keep(1, await devices.OpenAsync(1, hang.Token));
        await old.WaitForEndAsync(hang.Token);
        await old.DisposeAsync();
        await devices.Find(1)!.PingAsync(hang.Token);
        await devices.DropAllAsync();
        Assert.Null(devices.Find(1));
    }

    [Fact]
    public async Task Concurrent_devices_have_different_numbers()
    {
        using CancellationTokenSource hang = new(Deadline.Hang);
        SocketDevices devices = Create();
        PipeDevice[] all = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Task.Run(() => devices.OpenAsync(devices.NextNumber(), hang.Token))));
        foreach (PipeDevice device in all)
        {
            await device.PingAsync(hang.Token);
            await device.DisposeAsync();
        }
    }

    private SocketDevices Create()
    {
        Assert.True(FleetOptions.TryParse(["ping", "--target", $"127.0.0.1:{servers.Gateway.DevicePort}"], out FleetOptions? options, out string error), error);
        return new SocketDevices(options);
    }
}
