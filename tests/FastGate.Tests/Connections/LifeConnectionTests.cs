using System.Text;
using FastGate.Configuration.Options;
using FastGate.Connections;
using FastGate.Diagnostics;
using FastGate.Protocol.Framing;
using FastGate.Testing;
using FastGate.Timers;

namespace FastGate.Tests.Connections;

/// <summary>Timeouts, replacements and ends of a connection. Tests advance the clock instead of waiting.</summary>
public sealed class LifeConnectionTests : IDisposable
{
    private readonly ConnectionHarness _harness = new();

    public void Dispose() => _harness.Dispose();

    [Fact]
    public async Task Connection_without_messages_ends_at_the_hello_timeout()
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
    public async Task Valid_message_ends_the_hello_timeout_and_bad_json_does_not()
    {
        ScriptedDevice valid = await _harness.UpgradedAsync("Device-Id: one\r\n");
        ScriptedDevice invalid = await _harness.UpgradedAsync("Device-Id: two\r\n");
        await valid.SendTextAsync("""{"type":"something-new"}""");
        await invalid.SendTextAsync("not json");

        _harness.Clock.Turn(TimeSpan.FromSeconds(11));

        Assert.Equal(CloseStatus.PolicyViolation, await invalid.ReceiveCloseAsync());
        await valid.SendTextAsync("""{"type":"ping"}""");
        Assert.Equal("""{"type":"pong"}""", await valid.ReceiveTextAsync());
    }

    [Fact]
    public async Task Idle_device_is_warned_and_then_closed()
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
    public async Task Changed_timeouts_apply_to_connected_devices()
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
    public async Task Message_after_the_warning_restarts_the_idle_time()
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
    public async Task Client_that_does_not_answer_the_close_is_aborted()
    {
        ScriptedDevice device = await _harness.UpgradedAsync();
        _harness.Connections().Single().RequestClose(ConnectionEndReason.Kicked);
        Assert.Equal(CloseStatus.PolicyViolation, await device.ReceiveCloseAsync());

        _harness.Clock.Turn(TimeSpan.FromSeconds(3));

        await _harness.EndAsync();
        Assert.Equal(1, _harness.Metrics.EndedBy(ConnectionEndReason.Kicked));
    }

    [Fact]
    public async Task Close_of_the_client_is_answered_with_its_status()
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
    public async Task Client_that_leaves_without_a_close_frame_leaves_no_state(bool reset, object reason)
    {
        ScriptedDevice device = _harness.Connect(out InMemoryConnection? connection);
        await device.UpgradeAsync();

        connection.CloseFromPeer(reset ? new Microsoft.AspNetCore.Connections.ConnectionResetException("reset") : null);

        await _harness.EndAsync();
        Assert.Equal(0, _harness.Registry.Count);
        Assert.Equal(1, _harness.Metrics.EndedBy((ConnectionEndReason)reason));
    }

    [Fact]
    public async Task Ended_formerhas_no_deadline()
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
    public async Task New_formerof_a_device_replaces_and_notifies_the_old_one()
    {
        ScriptedDevice old = await _harness.UpgradedAsync();
        DeviceConnection former = _harness.Connections().Single();

        ScriptedDevice newer = await _harness.UpgradedAsync();

        Assert.Contains("检测到新连接", await old.ReceiveTextAsync(), StringComparison.Ordinal);
        Assert.NotSame(former, _harness.Connections().Single());
        _harness.Clock.Turn(TimeSpan.FromSeconds(2));
        Assert.Equal(CloseStatus.Normal, await old.ReceiveCloseAsync());
        await newer.SendTextAsync("""{"type":"ping"}""");
        Assert.Equal("""{"type":"pong"}""", await newer.ReceiveTextAsync());
        Assert.Equal(1, _harness.Registry.Count);
    }

    [Fact]
    public async Task Connection_above_the_limit_is_notified_and_leaves_no_state()
    {
        using var small = new ConnectionHarness(new DeviceOptions { MaxConnections = 1 });
        await small.UpgradedAsync("Device-Id: first\r\n");

        ScriptedDevice second = await small.UpgradedAsync("Device-Id: second\r\n");

        Assert.Equal("设备注册失败", await second.ReceiveTextAsync());
        Assert.Equal(CloseStatus.TryAgainLater, await second.ReceiveCloseAsync());
        Assert.Equal("first", small.Connections().Single().DeviceId);
    }

    [Fact]
    public async Task Reject_policy_keeps_the_connected_device_and_notifies_the_new_connection()
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
    public async Task Pending_output_is_sent_before_the_close_frame_of_a_violation()
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
    public async Task Blocked_write_ends_at_the_write_timeout()
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
    public async Task Echo_mode_echoes_data_without_a_session()
    {
        using var harness = new ConnectionHarness(new DeviceOptions { Echo = true, Limits = new DeviceLimits { OutboundFrame = 4 } });
        ScriptedDevice device = await harness.UpgradedAsync();

        await device.SendTextAsync("abcdefghij");

        ReceivedFrame[] frames = new[] { await device.ReceiveFrameAsync(), await device.ReceiveFrameAsync(), await device.ReceiveFrameAsync() };
        Assert.Equal("abcdefghij", Encoding.UTF8.GetString(frames.SelectMany(frame => frame.Payload).ToArray()));
        Assert.Equal([false, false, true], frames.Select(frame => frame.Fin));
    }

    [Fact]
    public async Task Echo_mode_has_no_hello_timeout_and_sends_no_messages()
    {
        using var harness = new ConnectionHarness(new DeviceOptions { Echo = true, Timeouts = new DeviceTimeouts { IdleGrace = TimeSpan.Zero } });
        ScriptedDevice device = await harness.UpgradedAsync();
        Assert.InRange(harness.Connections().Single().NextDeadline - harness.Clock.NowMs, 100_000, 120_000);

        await device.SendTextAsync("echo");
        Assert.Equal("echo", await device.ReceiveTextAsync());
        harness.Clock.Turn(TimeSpan.FromSeconds(121));

        // The idle timeout still closes it; otherwise a killed conformance suite would leave its connections open.
        Assert.Equal(CloseStatus.Normal, await device.ReceiveCloseAsync());
    }

    private static byte[] Masked(Opcode opcode, byte[] payload)
    {
        var writer = new System.Buffers.ArrayBufferWriter<byte>();
        FrameWriter.WriteMaskedFrame(writer, opcode, fin: true, payload, 0x01020304);
        return writer.WrittenSpan.ToArray();
    }
}
