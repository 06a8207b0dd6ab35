using System.IO.Pipelines;
using System.Text;
using System.Text.Json;
using FastGate.Auth;
using FastGate.Configuration.Options;
using FastGate.Protocol.Audio;
using FastGate.Protocol.Framing;
using FastGate.Sessions;
using FastGate.Testing;
using Microsoft.Extensions.Logging;

namespace FastGate.Tests.Sessions;

/// <summary>The effect of each device message, as the device sees it.</summary>
public sealed class DeviceMessagesTests : IDisposable
{
    private const string Hello =
        """{"type":"hello","version":1,"transport":"websocket","audio_params":{"format":"opus","sample_rate":16000,"channels":1,"frame_duration":60}}""";

    private readonly ConnectionHarness _harness = new(gateway: new GatewayOptions { Management = new ManagementOptions { Secret = "open sesame" } });

    public void Dispose() => _harness.Dispose();

    [Fact]
    public async Task Every_hello_gets_one_reply_with_the_same_session_id()
    {
        ScriptedDevice device = await _harness.UpgradedAsync();

        await device.SendTextAsync(Hello);
        await device.SendTextAsync("""{"session_id":"","type":"hello"}""");

        using var first = JsonDocument.Parse(await device.ReceiveTextAsync());
        using var second = JsonDocument.Parse(await device.ReceiveTextAsync());
        Assert.Equal("websocket", first.RootElement.GetProperty("transport").GetString());
        Assert.True(Guid.TryParse(first.RootElement.GetProperty("session_id").GetString(), out Guid sessionId));
        Assert.Equal(sessionId.ToString(), second.RootElement.GetProperty("session_id").GetString());
        Assert.Equal(24_000, first.RootElement.GetProperty("audio_params").GetProperty("sample_rate").GetInt32());
        Assert.Equal(60, first.RootElement.GetProperty("audio_params").GetProperty("frame_duration").GetInt32());
    }

    [Theory]
    [InlineData("""{"type":"ping"}""")]
    [InlineData("""{"type":"keepalive"}""")]
    [InlineData("""{"session_id":"x","type":"ping","timestamp":1}""")]
    public async Task Pings_and_keepalives_get_a_pong_before_any_hello(string ping)
    {
        ScriptedDevice device = await _harness.UpgradedAsync();

        await device.SendTextAsync(ping);

        Assert.Equal("""{"type":"pong"}""", await device.ReceiveTextAsync());
    }

    [Theory]
    [InlineData("not json")]
    [InlineData("[1,2]")]
    [InlineData("7")]
    [InlineData("{\"type\":")]
    [InlineData("")]
    public async Task Bad_json_is_counted_and_not_answered(string text)
    {
        ScriptedDevice device = await _harness.UpgradedAsync();

        await device.SendTextAsync(text);
        await device.SendTextAsync("""{"type":"ping"}""");

        Assert.Equal("""{"type":"pong"}""", await device.ReceiveTextAsync());
        Assert.Equal(1, _harness.SessionMetrics.BadJson.Value);
    }

    [Fact]
    public async Task Bad_json_is_logged_without_its_content()
    {
        var log = new RecordingLogger<DeviceSession>();
        using var harness = new ConnectionHarness(sessionLog: log);
        ScriptedDevice device = await harness.UpgradedAsync("Device-Id: babbler\r\n");

        await device.SendTextAsync("my secret");

        (LogLevel level, int _, string? text) = Assert.Single(log.Lines);
        Assert.Equal(LogLevel.Debug, level);
        Assert.Contains("babbler", text, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Unknown_types_are_counted_and_not_answered()
    {
        ScriptedDevice device = await _harness.UpgradedAsync();

        await device.SendTextAsync("""{"type":"teleport"}""");
        await device.SendTextAsync("""{"type":"ping"}""");

        Assert.Equal("""{"type":"pong"}""", await device.ReceiveTextAsync());
        Assert.Equal(1, _harness.SessionMetrics.UnknownType.Value);
    }

    [Theory]
    [InlineData("Protocol-Version: 1\r\n", "/", AudioFraming.Raw, new byte[] { 9, 8 })]
    [InlineData("Protocol-Version: 2\r\n", "/", AudioFraming.Version2, new byte[] { 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 5, 0, 0, 0, 2, 9, 8 })]
    [InlineData("Protocol-Version: 3\r\n", "/", AudioFraming.Version3, new byte[] { 0, 0, 0, 2, 9, 8 })]
    [InlineData("Protocol-Version: 2\r\n", "/?from=mqtt_gateway", AudioFraming.MqttGateway, new byte[] { 1, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 5, 0, 0, 0, 2, 9, 8 })]
    public async Task Binary_frames_are_read_in_the_framing_of_the_handshake_and_counted(string header, string target, AudioFraming framing, byte[] frame)
    {
        ScriptedDevice device = _harness.Connect();
        await device.UpgradeAsync(target, header);

        await device.SendFrameAsync(Opcode.Binary, frame);
        await device.SendFrameAsync(Opcode.Binary, frame);

        Assert.Equal(framing, _harness.Connections().Single().Session!.Audio);
        Assert.Equal((2, 0), (_harness.SessionMetrics.AudioFrames.Value, _harness.SessionMetrics.BadAudio.Value));
    }

    /// <summary>The handshake decides; what only a hello announces counts when the first binary message has that framing.</summary>
    [Theory]
    [InlineData("", 3, AudioFraming.Raw, new byte[] { 0x58, 9, 8, 7, 6 })]
    [InlineData("", 2, AudioFraming.Raw, new byte[] { 0x58, 9, 8 })]
    [InlineData("", 3, AudioFraming.Version3, new byte[] { 0, 0, 0, 2, 9, 8 })]
    [InlineData("", 2, AudioFraming.Version2, new byte[] { 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 5, 0, 0, 0, 2, 9, 8 })]
    [InlineData("Protocol-Version: 3\r\n", 1, AudioFraming.Version3, new byte[] { 0, 0, 0, 2, 9, 8 })]
    [InlineData("Protocol-Version: 3\r\n", 2, AudioFraming.Version3, new byte[] { 0, 0, 0, 2, 9, 8 })]
    public async Task The_framing_that_a_hello_announces_is_confirmed_by_the_first_binary_message(string header, int version, AudioFraming framing, byte[] frame)
    {
        ScriptedDevice device = _harness.Connect();
        await device.UpgradeAsync(headers: header);
        await device.SendTextAsync($$"""{"type":"hello","version":{{version}}}""");
        await device.ReceiveTextAsync();

        await device.SendFrameAsync(Opcode.Binary, frame);
        await device.SendFrameAsync(Opcode.Binary, frame);
        await device.SendTextAsync("""{"type":"ping"}""");
        await device.ReceiveTextAsync();

        Assert.Equal(framing, _harness.Connections().Single().Session!.Audio);
        Assert.Equal((2, 0), (_harness.SessionMetrics.AudioFrames.Value, _harness.SessionMetrics.BadAudio.Value));
    }

    [Fact]
    public async Task A_binary_frame_with_a_wrong_size_is_counted_and_dropped()
    {
        ScriptedDevice device = _harness.Connect();
        await device.UpgradeAsync(headers: "Protocol-Version: 3\r\n");

        await device.SendFrameAsync(Opcode.Binary, [0, 0, 1, 0, 9]);
        await device.SendTextAsync("""{"type":"ping"}""");

        Assert.Equal("""{"type":"pong"}""", await device.ReceiveTextAsync());
        Assert.Equal(0, _harness.SessionMetrics.AudioFrames.Value);
        Assert.Equal(1, _harness.SessionMetrics.BadAudio.Value);
    }

    [Theory]
    [InlineData("""{"type":"server","action":"restart","content":{"secret":"wrong"}}""")]
    [InlineData("""{"type":"server","action":"restart"}""")]
    public async Task Management_without_the_secret_is_rejected(string message)
    {
        ScriptedDevice device = await _harness.UpgradedAsync();

        await device.SendTextAsync(message);

        Assert.Equal("""{"type":"server","status":"error","message":"服务器密钥验证失败"}""", await device.ReceiveTextAsync());
        Assert.Equal(0, _harness.Management.Restarts);
    }

    [Fact]
    public async Task A_connection_is_closed_after_three_wrong_secrets_and_logged_once()
    {
        var log = new RecordingLogger<DeviceSession>();
        using var harness = new ConnectionHarness(
            gateway: new GatewayOptions { Management = new ManagementOptions { Secret = "open sesame" } }, sessionLog: log);
        ScriptedDevice device = await harness.UpgradedAsync();
        PipeWriter output = device.Connection.PeerOutput;

        // All in one read; the right secret comes too late.
        foreach (string secret in (string[])["1", "2", "3", "4", "open sesame"])
        {
            string message = $$$"""{"type":"server","action":"restart","content":{"secret":"{{{secret}}}"}}""";
            FrameWriter.WriteMaskedMessage(output, Opcode.Text, Encoding.UTF8.GetBytes(message), maskKey: 7);
        }

        await output.FlushAsync();

        for (int i = 0; i < 3; i++)
        {
            Assert.Contains("密钥验证失败", await device.ReceiveTextAsync(), StringComparison.Ordinal);
        }

        Assert.Equal(CloseStatus.PolicyViolation, await device.ReceiveCloseAsync());
        Assert.Equal(0, harness.Management.Restarts);
        Assert.InRange(harness.SessionMetrics.ManagementRefused.Value, 3, 5);
        Assert.Equal(1, log.Count(2101));
    }

    [Fact]
    public async Task Wrong_secrets_of_several_connections_delay_the_right_one()
    {
        using var harness = new ConnectionHarness(gateway: new GatewayOptions { Management = new ManagementOptions { Secret = "open sesame" } });
        for (int i = 0; i < GuessBackoff.Free; i++)
        {
            ScriptedDevice guesser = await harness.UpgradedAsync($"Device-Id: guesser-{i}\r\n");
            await guesser.SendTextAsync("""{"type":"server","action":"restart","content":{"secret":"wrong"}}""");
            await guesser.ReceiveTextAsync();
        }

        ScriptedDevice device = await harness.UpgradedAsync();
        await device.SendTextAsync("""{"type":"server","action":"restart","content":{"secret":"open sesame"}}""");

        Assert.Contains("密钥验证失败", await device.ReceiveTextAsync(), StringComparison.Ordinal);
        Assert.Equal(0, harness.Management.Restarts);
    }

    [Fact]
    public async Task Without_a_configured_secret_management_is_rejected_even_for_an_empty_secret()
    {
        using var open = new ConnectionHarness();
        ScriptedDevice device = await open.UpgradedAsync();

        await device.SendTextAsync("""{"type":"server","action":"restart","content":{"secret":""}}""");

        Assert.Contains("\"error\"", await device.ReceiveTextAsync(), StringComparison.Ordinal);
        Assert.Equal(0, open.Management.Restarts);
    }

    [Fact]
    public async Task A_restart_is_answered_first_and_needs_no_hello()
    {
        ScriptedDevice device = await _harness.UpgradedAsync();

        await device.SendTextAsync("""{"type":"server","action":"restart","content":{"secret":"open sesame"}}""");

        Assert.Equal("""{"type":"server","status":"success","message":"服务器重启中...","content":{"action":"restart"}}""", await device.ReceiveTextAsync());
        Assert.Equal(1, _harness.Management.Restarts);
    }

    [Fact]
    public async Task A_refused_restart_is_answered_with_its_reason()
    {
        _harness.Management.RestartRefusal = "FastGate:Memory:Path is \"nowhere\"";
        ScriptedDevice device = await _harness.UpgradedAsync();

        await device.SendTextAsync("""{"type":"server","action":"restart","content":{"secret":"open sesame"}}""");

        Assert.Equal(
            """{"type":"server","status":"error","message":"Restart failed: FastGate:Memory:Path is \"nowhere\"","content":{"action":"restart"}}""",
            await device.ReceiveTextAsync());
    }

    [Fact]
    public async Task A_restart_and_a_reload_in_one_read_are_both_started()
    {
        ScriptedDevice device = await _harness.UpgradedAsync();
        PipeWriter output = device.Connection.PeerOutput;
        foreach (string action in (string[])["restart", "update_config"])
        {
            string message = $$$"""{"type":"server","action":"{{{action}}}","content":{"secret":"open sesame"}}""";
            FrameWriter.WriteMaskedMessage(output, Opcode.Text, Encoding.UTF8.GetBytes(message), maskKey: 7);
        }

        await output.FlushAsync();

        Assert.Contains("服务器重启中", await device.ReceiveTextAsync(), StringComparison.Ordinal);
        Assert.Contains("配置更新成功", await device.ReceiveTextAsync(), StringComparison.Ordinal);
        Assert.Equal(1, _harness.Management.Restarts);
    }

    [Theory]
    [InlineData(true, "配置更新成功")]
    [InlineData(false, "更新服务器配置失败")]
    public async Task A_configuration_update_reports_its_result(bool succeeds, string text)
    {
        _harness.Management.ReloadSucceeds = succeeds;
        ScriptedDevice device = await _harness.UpgradedAsync();

        await device.SendTextAsync("""{"type":"server","action":"update_config","content":{"secret":"open sesame"}}""");

        string reply = await device.ReceiveTextAsync();
        Assert.Contains(text, reply, StringComparison.Ordinal);
        Assert.Contains("\"action\":\"update_config\"", reply, StringComparison.Ordinal);
    }
}
