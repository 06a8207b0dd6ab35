using System.Text;
using FastGate.Configuration.Options;
using FastGate.Connections;
using FastGate.Diagnostics;
using FastGate.Protocol.Framing;
using FastGate.Testing;
using FastGate.Timers;

namespace FastGate.Tests.Connections;

/// <summary>Deadlines, replacements and every way a connection ends. Time is turned, never waited for.</summary>
public sealed class LifeConnectionTests : IDisposable
{
    private readonly ConnectionHarness _harness = new();

    public void Dispose() => _harness.Dispose();

    [Fact]
    public async Task Silence_after_the_upgrade_ends_at_the_hello_deadline()
    {
        ScriptedDevice device = await _harness.UpgradedAsync();

        _harness.Clock.Turn(TimeSpan.FromSeconds(11));

        Assert.Equal(CloseStatus.PolicyViolation, await device.ReceiveCloseAsync());
        Assert.Equal(0, _harness.Registry.Count);
        await device.SendCloseAsync(CloseStatus.PolicyViolation);
        await _harness.EndAsync();
        Assert.Equal(1, _harness.Metrics.EndedBy(ConnectionEndReason.HelloTimeout));
    }

    [Fact]
    public async Task Any_valid_message_satisfies_the_hello_deadline_and_bad_json_does_not()
    {
        ScriptedDevice talking = await _harness.UpgradedAsync("Device-Id: one\r\n");
        ScriptedDevice babbling = await _harness.UpgradedAsync("Device-Id: two\r\n");
        await talking.SendTextAsync("""{"type":"something-new"}""");
        await babbling.SendTextAsync("not json");

        _harness.Clock.Turn(TimeSpan.FromSeconds(11));

        Assert.Equal(CloseStatus.PolicyViolation, await babbling.ReceiveCloseAsync());
        await talking.SendTextAsync("""{"type":"ping"}""");
        Assert.Equal("""{"type":"pong"}""", await talking.ReceiveTextAsync());
    }

    [Fact]
    public async Task An_idle_device_is_warned_and_then_closed()
    {
        ScriptedDevice device = await _harness.UpgradedAsync();
        await device.SendTextAsync("""{"type":"ping"}""");
        await device.ReceiveTextAsync();

        _harness.Clock.Turn(TimeSpan.FromSeconds(121));
        Assert.Contains("timeout_warning", await device.ReceiveTextAsync(), StringComparison.Ordinal);
        _harness.Clock.Turn(TimeSpan.FromSeconds(11));

        Assert.Equal(CloseStatus.Normal, await device.ReceiveCloseAsync());
    }

    [Fact]
    public async Task Changed_deadlines_are_in_force_for_a_device_that_is_connected()
    {
        ScriptedDevice device = await _harness.UpgradedAsync();
        await device.SendTextAsync("""{"type":"ping"}""");
        await device.ReceiveTextAsync();
        _harness.Clock.Turn(TimeSpan.FromSeconds(40));

        _harness.Services.Apply(new DeviceTimeouts { Idle = TimeSpan.FromSeconds(30), IdleGrace = TimeSpan.FromSeconds(3) });
        _harness.Clock.Turn(TimeSpan.FromSeconds(1));
        Assert.Contains("timeout_warning", await device.ReceiveTextAsync(), StringComparison.Ordinal);
        _harness.Clock.Turn(TimeSpan.FromSeconds(4));

        Assert.Equal(CloseStatus.Normal, await device.ReceiveCloseAsync());
    }

    [Fact]
    public async Task A_message_after_the_warning_starts_the_idle_time_over()
    {
        ScriptedDevice device = await _harness.UpgradedAsync();
        await device.SendTextAsync("""{"type":"ping"}""");
        await device.ReceiveTextAsync();
        _harness.Clock.Turn(TimeSpan.FromSeconds(121));
        await device.ReceiveTextAsync();

        _harness.Clock.Turn(TimeSpan.FromSeconds(1));
        await device.SendTextAsync("""{"type":"ping"}""");
        await device.ReceiveTextAsync();
        _harness.Clock.Turn(TimeSpan.FromSeconds(100));
        _harness.Clock.Turn(TimeSpan.FromSeconds(21));

        Assert.Contains("timeout_warning", await device.ReceiveTextAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_peer_that_never_answers_our_close_is_cut_off()
    {
        ScriptedDevice device = await _harness.UpgradedAsync();
        _harness.Connections().Single().RequestClose(ConnectionEndReason.Kicked);
        Assert.Equal(CloseStatus.PolicyViolation, await device.ReceiveCloseAsync());

        _harness.Clock.Turn(TimeSpan.FromSeconds(3));

        await _harness.EndAsync();
        Assert.Equal(1, _harness.Metrics.EndedBy(ConnectionEndReason.Kicked));
    }

    [Fact]
    public async Task A_close_of_the_peers_is_answered_with_its_own_status()
    {
        ScriptedDevice device = await _harness.UpgradedAsync();

        await device.SendCloseAsync((CloseStatus)4321);

        Assert.Equal((CloseStatus)4321, await device.ReceiveCloseAsync());
        Assert.True(await device.ReceiveEndAsync());
        Assert.Equal(1, _harness.Metrics.EndedBy(ConnectionEndReason.PeerClosed));
    }

    [Theory]
    [InlineData(false, ConnectionEndReason.PeerVanished)]
    [InlineData(true, ConnectionEndReason.PeerReset)]
    public async Task A_peer_that_goes_without_a_close_frame_leaves_nothing(bool reset, object reason)
    {
        ScriptedDevice device = _harness.Connect(out InMemoryConnection? connection);
        await device.UpgradeAsync();

        connection.CloseFromPeer(reset ? new Microsoft.AspNetCore.Connections.ConnectionResetException("reset") : null);

        await _harness.EndAsync();
        Assert.Equal(0, _harness.Registry.Count);
        Assert.Equal(1, _harness.Metrics.EndedBy((ConnectionEndReason)reason));
    }

    [Fact]
    public async Task A_connection_that_is_over_has_no_deadline_to_be_filed_by_again()
    {
        ScriptedDevice device = _harness.Connect(out InMemoryConnection? connection);
        await device.UpgradeAsync();
        DeviceConnection former = _harness.Connections().Single();
        former.RequestClose(ConnectionEndReason.Kicked);
        Assert.NotEqual(TimerEntry.Never, former.NextDeadline);

        connection.CloseFromPeer();

        await _harness.EndAsync();
        Assert.Equal(TimerEntry.Never, former.NextDeadline);
    }

    [Fact]
    public async Task The_newest_connection_of_a_device_replaces_and_notifies_the_old_one()
    {
        ScriptedDevice old = await _harness.UpgradedAsync();
        DeviceConnection former = _harness.Connections().Single();

        ScriptedDevice young = await _harness.UpgradedAsync();

        Assert.Contains("检测到新连接", await old.ReceiveTextAsync(), StringComparison.Ordinal);
        Assert.NotSame(former, _harness.Connections().Single());
        _harness.Clock.Turn(TimeSpan.FromSeconds(2));
        Assert.Equal(CloseStatus.Normal, await old.ReceiveCloseAsync());
        await young.SendTextAsync("""{"type":"ping"}""");
        Assert.Equal("""{"type":"pong"}""", await young.ReceiveTextAsync());
        Assert.Equal(1, _harness.Registry.Count);
    }

    [Fact]
    public async Task A_connection_above_the_limit_is_notified_and_leaves_nothing()
    {
        using var small = new ConnectionHarness(new DeviceOptions { MaxConnections = 1 });
        await small.UpgradedAsync("Device-Id: first\r\n");

        ScriptedDevice second = await small.UpgradedAsync("Device-Id: second\r\n");

        Assert.Equal("设备注册失败", await second.ReceiveTextAsync());
        Assert.Equal(CloseStatus.TryAgainLater, await second.ReceiveCloseAsync());
        Assert.Equal("first", small.Connections().Single().DeviceId);
    }

    [Fact]
    public async Task With_reject_the_connected_device_stays_and_the_new_connection_is_notified()
    {
        using var strict = new ConnectionHarness(new DeviceOptions { DuplicateDevice = DuplicateDevicePolicy.Reject });
        ScriptedDevice first = await strict.UpgradedAsync();

        ScriptedDevice second = await strict.UpgradedAsync();

        Assert.Equal("设备注册失败", await second.ReceiveTextAsync());
        Assert.Equal(CloseStatus.PolicyViolation, await second.ReceiveCloseAsync());
        await first.SendTextAsync("""{"type":"ping"}""");
        Assert.Equal("""{"type":"pong"}""", await first.ReceiveTextAsync());
    }

    [Fact]
    public async Task What_is_owed_goes_out_before_a_failing_close()
    {
        ScriptedDevice device = await _harness.UpgradedAsync();
        byte[] good = Masked(Opcode.Text, Encoding.UTF8.GetBytes("""{"type":"ping"}"""));
        byte[] unmasked = [0x81, 0x01, (byte)'x'];

        await device.SendAsync(good.Concat(unmasked).ToArray());

        Assert.Equal("""{"type":"pong"}""", await device.ReceiveTextAsync());
        Assert.Equal(CloseStatus.ProtocolError, await device.ReceiveCloseAsync());
        Assert.True(await device.ReceiveEndAsync());
    }

    [Fact]
    public async Task A_write_that_the_peer_does_not_take_ends_at_the_write_deadline()
    {
        using var harness = new ConnectionHarness(new DeviceOptions { Echo = true });
        ScriptedDevice device = harness.ConnectUnread(capacity: 4096);
        await device.SendAsync(ScriptedDevice.Request());
        await device.SendFrameAsync(Opcode.Binary, new byte[8192]);

        harness.Clock.Turn(TimeSpan.FromSeconds(11));

        await harness.EndAsync();
        Assert.Equal(1, harness.Metrics.EndedBy(ConnectionEndReason.WriteTimeout));
    }

    [Fact]
    public async Task Echo_mode_echoes_data_and_speaks_no_protocol()
    {
        using var harness = new ConnectionHarness(new DeviceOptions { Echo = true, Limits = new DeviceLimits { OutboundFrame = 4 } });
        ScriptedDevice device = await harness.UpgradedAsync();

        await device.SendTextAsync("abcdefghij");

        ReceivedFrame[] frames = new[] { await device.ReceiveFrameAsync(), await device.ReceiveFrameAsync(), await device.ReceiveFrameAsync() };
        Assert.Equal("abcdefghij", Encoding.UTF8.GetString(frames.SelectMany(frame => frame.Payload).ToArray()));
        Assert.Equal([false, false, true], frames.Select(frame => frame.Fin));
    }

    [Fact]
    public async Task Echo_mode_expects_no_hello_and_says_nothing_of_its_own()
    {
        using var harness = new ConnectionHarness(new DeviceOptions { Echo = true, Timeouts = new DeviceTimeouts { IdleGrace = TimeSpan.Zero } });
        ScriptedDevice device = await harness.UpgradedAsync();
        Assert.InRange(harness.Connections().Single().NextDeadline - harness.Clock.NowMs, 100_000, 120_000);

        await device.SendTextAsync("echo");
        Assert.Equal("echo", await device.ReceiveTextAsync());
        harness.Clock.Turn(TimeSpan.FromSeconds(121));

        // A silent connection still ends; otherwise a killed suite would leave its connections open.
        Assert.Equal(CloseStatus.Normal, await device.ReceiveCloseAsync());
    }

    private static byte[] Masked(Opcode opcode, byte[] payload)
    {
        var writer = new System.Buffers.ArrayBufferWriter<byte>();
        FrameWriter.WriteMaskedFrame(writer, opcode, fin: true, payload, 0x01020304);
        return writer.WrittenSpan.ToArray();
    }
}
