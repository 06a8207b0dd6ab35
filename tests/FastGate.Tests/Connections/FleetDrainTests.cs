using System.Globalization;
using FastGate.Configuration.Options;
using FastGate.Connections;
using FastGate.Diagnostics;
using FastGate.Protocol.Framing;
using FastGate.Testing;
using FastGate.Testing.Conversation;

namespace FastGate.Tests.Connections;

/// <summary>The drain that an operator starts.</summary>
public sealed class FleetDrainTests : IDisposable
{
    private static readonly TimeSpan s_tick = TimeSpan.FromMilliseconds(50);

    private readonly ConnectionHarness _harness = new(new DeviceOptions { MaxConnections = 1_000 });
    private readonly ManualTimeProvider _time = new();
    private readonly FleetDrain _drain;

    public FleetDrainTests() => _drain = new FleetDrain(_harness.Services, _time);

    public void Dispose() => _harness.Dispose();

    [Theory]
    [InlineData(false, CloseStatus.GoingAway, "draining")]
    [InlineData(true, CloseStatus.ServiceRestart, "moved")]
    public async Task Device_is_closed_with_the_chosen_status_and_new_devices_are_refused(bool reconnectAtOnce, CloseStatus status, string reason)
    {
        ScriptedDevice device = await ConnectAsync("a");

        Assert.Null(_drain.TryStart(new FleetDrainRequest { Rate = 100, ReconnectAtOnce = reconnectAtOnce }));

        Assert.Equal(status, await device.ReceiveCloseAsync());
        await device.SendCloseAsync(status);
        await _harness.EndAsync();
        Assert.Equal(1, _harness.Metrics.EndedBy(ConnectionEndReasons.All.Single(each => each.Tag() == reason)));
        string refusal = await _harness.Connect().UpgradeAsync();
        Assert.StartsWith("HTTP/1.1 503", refusal, StringComparison.Ordinal);
        Assert.Contains("Retry-After:", refusal, StringComparison.Ordinal);
        await _time.NextDueInAsync(s_tick);
        Assert.Equal((1, 1, 0), (_drain.Report().Closed, _drain.Report().Refused, _drain.Report().Remaining));
        _drain.Cancel();
    }

    [Fact]
    public async Task Devices_are_closed_at_the_rate()
    {
        for (int i = 0; i < 12; i++)
        {
            await ConnectAsync(string.Create(CultureInfo.InvariantCulture, $"d{i}"));
        }

        _drain.TryStart(new FleetDrainRequest { Rate = 60 });

        // Three in each twentieth of a second; the first tick is granted at once.
        await _time.NextDueInAsync(s_tick);
        Assert.Equal(4, _drain.Report().Closed);
        await _time.TurnToNextAsync(s_tick);
        await _time.NextDueInAsync(s_tick);
        Assert.Equal(7, _drain.Report().Closed);
        _drain.Cancel();
    }

    /// <summary>A machine that pauses makes up for it, so that the rate holds over the whole.</summary>
    [Fact]
    public async Task Late_tick_is_made_up_for()
    {
        for (int i = 0; i < 40; i++)
        {
            await ConnectAsync(string.Create(CultureInfo.InvariantCulture, $"d{i}"));
        }

        _drain.TryStart(new FleetDrainRequest { Rate = 60 });
        await _time.NextDueInAsync(s_tick);
        _time.Turn(TimeSpan.FromMilliseconds(500));

        await _time.NextDueInAsync(s_tick);
        Assert.Equal(34, _drain.Report().Closed);
        _drain.Cancel();
    }

    [Fact]
    public async Task Filter_selects_who_is_closed_and_who_is_refused()
    {
        ScriptedDevice kept = await ConnectAsync("kept");
        ScriptedDevice drained = await ConnectAsync("old-1");

        _drain.TryStart(new FleetDrainRequest
        {
            Rate = 100,
            Matches = static connection => connection.DeviceId.StartsWith("old-", StringComparison.Ordinal),
            MatchesHandshake = static (id, _) => id.StartsWith("old-", StringComparison.Ordinal),
            Description = "prefix=old-",
        });

        Assert.Equal(CloseStatus.GoingAway, await drained.ReceiveCloseAsync());
        await kept.SendTextAsync("""{"type":"ping"}""");
        Assert.Equal("""{"type":"pong"}""", await kept.ReceiveTextAsync());
        Assert.StartsWith("HTTP/1.1 503", await _harness.Connect().UpgradeAsync(headers: "Device-Id: old-2\r\n"), StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 101", await _harness.Connect().UpgradeAsync(headers: "Device-Id: new-1\r\n"), StringComparison.Ordinal);
        Assert.False(_drain.IsOfAllDevices);
        Assert.Equal("prefix=old-", _drain.Active);
        _drain.Cancel();
    }

    [Fact]
    public async Task Device_that_the_handshake_does_not_know_is_closed_by_a_later_pass()
    {
        _drain.TryStart(new FleetDrainRequest { Rate = 100, Matches = static connection => connection.Session!.HelloSeen });
        await _time.NextDueInAsync(TimeSpan.FromMilliseconds(500));
        ScriptedDevice device = await ConnectAsync("a");
        await device.SendTextAsync("""{"type":"hello"}""");
        await device.ReceiveTextAsync();

        await _time.TurnToNextAsync(TimeSpan.FromMilliseconds(500));

        Assert.Equal(CloseStatus.GoingAway, await device.ReceiveCloseAsync());
        _drain.Cancel();
    }

    [Fact]
    public async Task Cancelled_drain_closes_no_more_and_accepts_again()
    {
        for (int i = 0; i < 5; i++)
        {
            await ConnectAsync(string.Create(CultureInfo.InvariantCulture, $"d{i}"));
        }

        _drain.TryStart(new FleetDrainRequest { Rate = 1 });
        await _time.NextDueInAsync(s_tick);
        Assert.True(_drain.IsOfAllDevices);

        Assert.True(_drain.Cancel());

        _time.Turn(TimeSpan.FromSeconds(10));
        Assert.Equal((FleetDrainState.None, 1), (_drain.Report().State, _drain.Report().Closed));
        Assert.StartsWith("HTTP/1.1 101", await _harness.Connect().UpgradeAsync(), StringComparison.Ordinal);
        Assert.False(_drain.Cancel());
        Assert.False(_drain.IsOfAllDevices);
    }

    [Fact]
    public async Task Only_one_drain_runs()
    {
        Assert.Null(_drain.TryStart(new FleetDrainRequest { Rate = 1, Description = "tag=hall" }));

        Assert.Contains("tag=hall", _drain.TryStart(new FleetDrainRequest { Rate = 1 }), StringComparison.Ordinal);

        await _time.NextDueInAsync(TimeSpan.FromMilliseconds(500));
        Assert.Equal(FleetDrainState.Drained, _drain.Report().State);
        _drain.Cancel();
        Assert.Null(_drain.TryStart(new FleetDrainRequest { Rate = 1 }));
        _drain.Cancel();
    }

    [Fact]
    public async Task Turn_in_progress_gets_half_a_minute_to_end()
    {
        ScriptedDevice device = await ConnectAsync("a");
        DeviceConnection connection = Assert.Single(_harness.Connections());
        connection.BusyFor(long.MaxValue);

        _drain.TryStart(new FleetDrainRequest { Rate = 100 });

        await _time.NextDueInAsync(TimeSpan.FromMilliseconds(500));
        Assert.Equal((FleetDrainState.Draining, 1, 0), (_drain.Report().State, _drain.Report().Waiting, _drain.Report().Closed));
        for (int i = 0; i < 60; i++)
        {
            Assert.Equal(0, _drain.Report().Closed);
            await _time.TurnToNextAsync(TimeSpan.FromMilliseconds(500));
        }

        Assert.Equal(CloseStatus.GoingAway, await device.ReceiveCloseAsync());
        _drain.Cancel();
    }

    private async Task<ScriptedDevice> ConnectAsync(string deviceId) => await _harness.UpgradedAsync($"Device-Id: {deviceId}\r\n");
}
