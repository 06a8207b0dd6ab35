using System.Globalization;
using FastGate.Cluster;
using FastGate.Configuration.Options;
using FastGate.Connections;
using FastGate.Diagnostics;
using FastGate.Hosting;
using FastGate.Protocol.Framing;
using FastGate.Testing;
using FastGate.Testing.Conversation;
using FastGate.Tests.Cluster;

namespace FastGate.Tests.Hosting;

/// <summary>A node with more than its share closes devices.</summary>
public sealed class NodeRebalanceTests : IDisposable
{
    private readonly ManualTimeProvider _time = new();
    private readonly ConnectionHarness _harness = new(new DeviceOptions { Timeouts = new DeviceTimeouts { Hello = TimeSpan.FromHours(1), Idle = TimeSpan.FromHours(1) } });
    private readonly RecordingLogger<NodeRebalance> _log = new();
    private int _changes;
    private IReadOnlyList<DeviceConnection> _connections = [];

    public void Dispose() => _harness.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Idle_devices_that_have_settled_are_closed_down_to_the_share(bool reboots)
    {
        List<ScriptedDevice> devices = [];
        for (int number = 0; number < 8; number++)
        {
            devices.Add(await _harness.UpgradedAsync(string.Create(CultureInfo.InvariantCulture, $"Device-Id: d{number}\r\n")));
            await devices[^1].SendTextAsync("""{"type":"hello"}""");
            await devices[^1].ReceiveTextAsync();
        }

        _connections = _harness.Connections();
        NodeRebalance rebalance = Create(reboots, perSecond: 1_000);
        await StepAsync(rebalance, devices: 8, others: 0);
        Assert.True(rebalance.IsActive);
        Assert.Equal(0, Moved());

        _harness.Clock.Turn(TimeSpan.FromSeconds(61));
        Assert.Single(_connections, static connection => connection.DeviceId == "d3").BusyFor(long.MaxValue);
        Assert.Single(_connections, static connection => connection.DeviceId == "d5").BusyFor(long.MaxValue);
        await StepAsync(rebalance, devices: 8, others: 0);
        DeviceConnection[] moved = [.. _connections.Where(static connection => connection.EndReason == ConnectionEndReason.Moved)];
        Assert.Equal(4, Moved());
        Assert.DoesNotContain(moved, static connection => connection.DeviceId is "d3" or "d5");
        int first = int.Parse(moved[0].DeviceId[1..], CultureInfo.InvariantCulture);
        if (reboots)
        {
            Assert.Equal("""{"type":"system","command":"reboot"}""", await devices[first].ReceiveTextAsync());
        }

        Assert.Equal(CloseStatus.ServiceRestart, await devices[first].ReceiveCloseAsync());

        await StepAsync(rebalance, devices: 4, others: 4);
        Assert.Equal((false, 4, 2), (rebalance.IsActive, Moved(), _changes));
        Assert.Equal((1, 1), (_log.Count(7581), _log.Count(7582)));
    }

    [Fact]
    public async Task No_more_than_the_rate_are_closed_in_a_step()
    {
        for (int number = 0; number < 20; number++)
        {
            await _harness.UpgradedAsync(string.Create(CultureInfo.InvariantCulture, $"Device-Id: d{number}\r\n"));
        }

        _connections = _harness.Connections();
        _harness.Clock.Turn(TimeSpan.FromSeconds(61));
        NodeRebalance rebalance = Create(reboots: false, perSecond: 1);
        Task step = StepAsync(rebalance, devices: 20, others: 0);
        while (!step.IsCompleted)
        {
            await Task.WhenAny(step, _time.TurnToNextAsync(TimeSpan.FromMilliseconds(20)));
        }

        await step;
        Assert.Equal(5, Moved());
    }

    private int Moved() => _connections.Count(static connection => connection.EndReason == ConnectionEndReason.Moved);

    private NodeRebalance Create(bool reboots, int perSecond) =>
        new(new RebalanceRule(2, _time), _harness.Services, new FleetWalk(_time, CancellationToken.None), perSecond, reboots, _log, _time) { OnChanged = () => _changes++ };

    private static Task StepAsync(NodeRebalance rebalance, int devices, int others)
    {
        NodeLoad own = TestNode.Load with { Devices = devices, DeviceLimit = 100 };
        return rebalance.StepAsync("a", own, [new NodeReport("a", true, 1, own), new NodeReport("b", true, 1, own with { Devices = others })]).WaitAsync(Until.Hang);
    }
}
