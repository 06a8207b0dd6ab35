using FastGate.Configuration.Options;
using FastGate.Connections;
using FastGate.Diagnostics;
using FastGate.HandOver;
using FastGate.Protocol.Framing;
using FastGate.Testing;

namespace FastGate.Tests.Connections;

/// <summary>Deadlines, phases and the rule that the newest connection of a device wins hold across a hand-over.</summary>
public sealed class HandOverPhaseTests : IDisposable
{
    private const string Ping = """{"type":"ping"}""";
    private const string Pong = """{"type":"pong"}""";

    private readonly ConnectionHarness _old = new();
    private readonly ConnectionHarness _new = new();

    public void Dispose()
    {
        _old.Dispose();
        _new.Dispose();
    }

    [Fact]
    public async Task Device_that_does_not_answer_the_close_is_aborted_at_the_same_time()
    {
        ScriptedDevice device = await _old.UpgradedAsync();
        _old.Connections().Single().RequestClose(ConnectionEndReason.Kicked);
        await device.ReceiveCloseAsync();
        _old.Clock.Turn(TimeSpan.FromSeconds(1));

        await PassAsync(device);
        _new.Clock.Turn(TimeSpan.FromSeconds(1.2));

        await _new.EndAsync();
        Assert.Equal(1, _new.Metrics.EndedBy(ConnectionEndReason.Kicked));
    }

    [Theory]
    [InlineData(8, 1, false)]
    [InlineData(8, 3, true)]
    public async Task Hello_timeout_continues(int before, int after, bool ends)
    {
        ScriptedDevice device = await _old.UpgradedAsync();
        _old.Clock.Turn(TimeSpan.FromSeconds(before));

        device = await PassAsync(device);
        _new.Clock.Turn(TimeSpan.FromSeconds(after));

        if (ends)
        {
            Assert.Equal(CloseStatus.PolicyViolation, await device.ReceiveCloseAsync());
        }
        else
        {
            await device.SendTextAsync(Ping);
            Assert.Equal(Pong, await device.ReceiveTextAsync());
        }
    }

    [Fact]
    public async Task Handshake_timeout_continues()
    {
        ScriptedDevice device = _old.Connect();
        await device.SendAsync("GET / HT");
        _old.Clock.Turn(new DeviceTimeouts().Handshake - TimeSpan.FromSeconds(2));

        await PassAsync(device);
        _new.Clock.Turn(TimeSpan.FromSeconds(3));

        await _new.EndAsync();
        Assert.Equal(1, _new.Metrics.EndedBy(ConnectionEndReason.HandshakeTimeout));
    }

    [Fact]
    public async Task Idle_time_and_its_warning_continue()
    {
        ScriptedDevice device = await _old.UpgradedAsync();
        await device.SendTextAsync(Ping);
        await device.ReceiveTextAsync();
        _old.Clock.Turn(TimeSpan.FromSeconds(100));

        device = await PassAsync(device);
        _new.Clock.Turn(TimeSpan.FromSeconds(21));
        Assert.Contains("timeout_warning", await device.ReceiveTextAsync(), StringComparison.Ordinal);
        _new.Clock.Turn(TimeSpan.FromSeconds(5));

        using var third = new ConnectionHarness();
        device = third.Adopt(device, Assert.Single(await DetachAsync(_new)));
        third.Clock.Turn(TimeSpan.FromSeconds(6));
        Assert.Equal(CloseStatus.Normal, await device.ReceiveCloseAsync());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Newest_connection_of_a_device_wins_whatever_the_order_of_adoption(bool newestFirst)
    {
        ScriptedDevice older = await _old.UpgradedAsync();
        ConnectionState olderState = Assert.Single(await DetachAsync(_old));
        using var other = new ConnectionHarness();
        ScriptedDevice newer = await other.UpgradedAsync();
        ConnectionState newerState = Assert.Single(await DetachAsync(other));
        olderState = olderState with { OpenedAgeMs = newerState.OpenedAgeMs + 1_000 };

        if (newestFirst)
        {
            newer = _new.Adopt(newer, newerState);
            older = _new.Adopt(older, olderState);
        }
        else
        {
            older = _new.Adopt(older, olderState);
            newer = _new.Adopt(newer, newerState);
        }

        Assert.Contains("检测到新连接", await older.ReceiveTextAsync(), StringComparison.Ordinal);
        await newer.SendTextAsync(Ping);
        Assert.Equal(Pong, await newer.ReceiveTextAsync());
        _new.Clock.Turn(TimeSpan.FromSeconds(2));
        Assert.Equal(CloseStatus.Normal, await older.ReceiveCloseAsync());
        Assert.Equal(1, _new.Registry.Count);
    }

    [Fact]
    public async Task Replaced_connection_is_closed_by_the_next_server()
    {
        ScriptedDevice older = await _old.UpgradedAsync();
        ScriptedDevice newer = await _old.UpgradedAsync();
        await older.ReceiveTextAsync();

        IReadOnlyList<ConnectionState> states = await DetachAsync(_old);
        Assert.Equal(2, states.Count);
        older = _new.Adopt(older, states.Single(static state => state.Phase == (byte)ConnectionPhase.Retiring));
        newer = _new.Adopt(newer, states.Single(static state => state.Phase == (byte)ConnectionPhase.Open));
        _new.Clock.Turn(TimeSpan.FromSeconds(2));

        Assert.Equal(CloseStatus.Normal, await older.ReceiveCloseAsync());
        await newer.SendTextAsync(Ping);
        Assert.Equal(Pong, await newer.ReceiveTextAsync());
    }

    private static Task<IReadOnlyList<ConnectionState>> DetachAsync(ConnectionHarness harness) => HandOverBench.DetachAsync(harness);

    private Task<ScriptedDevice> PassAsync(ScriptedDevice device) => HandOverBench.PassAsync(_old, _new, device);
}
