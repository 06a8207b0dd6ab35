using FastGate.Connections;
using FastGate.Diagnostics;
using FastGate.Flight;
using FastGate.Testing;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;

namespace FastGate.Tests.Connections;

/// <summary>The handshake phase, from the first byte to a registered device, as a client sees it.</summary>
public sealed class HandshakeConnectionTests : IDisposable
{
    private readonly ConnectionHarness _harness = new();

    public void Dispose() => _harness.Dispose();

    [Fact]
    public async Task Whole_request_is_upgraded_and_registered()
    {
        ScriptedDevice device = _harness.Connect();

        string head = await device.UpgradeAsync();

        Assert.StartsWith("HTTP/1.1 101 ", head, StringComparison.Ordinal);
        Assert.Contains("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", head, StringComparison.Ordinal);
        Assert.NotNull(_harness.Registry.Find("aa:bb:cc:dd:ee:ff"));
    }

    [Fact]
    public async Task Request_byte_by_byte_is_upgraded_and_the_next_frame_is_answered()
    {
        ScriptedDevice device = _harness.Connect();

        foreach (char character in ScriptedDevice.Request())
        {
            await device.SendAsync(character.ToString());
        }

        await device.SendTextAsync("""{"type":"ping"}""");
        Assert.StartsWith("HTTP/1.1 101 ", await device.ReceiveHeadAsync(), StringComparison.Ordinal);
        Assert.Equal("""{"type":"pong"}""", await device.ReceiveTextAsync());
    }

    [Fact]
    public async Task Frames_in_the_segment_of_the_request_are_read()
    {
        ScriptedDevice device = _harness.Connect();
        IEnumerable<byte> ping = new byte[] { 0x81, 0x8F, 0, 0, 0, 0 }.Concat("""{"type":"ping"}"""u8.ToArray());

        await device.SendAsync(System.Text.Encoding.Latin1.GetBytes(ScriptedDevice.Request()).Concat(ping).ToArray());

        await device.ReceiveHeadAsync();
        Assert.Equal("""{"type":"pong"}""", await device.ReceiveTextAsync());
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\nHost: gate\r\n\r\n", "200", ConnectionEndReason.NotUpgraded)]
    [InlineData("POST / HTTP/1.1\r\nHost: gate\r\n\r\n", "405", ConnectionEndReason.HandshakeRefused)]
    [InlineData("\u0016\u0003\u0001\u0002\u0000\u0001", "400", ConnectionEndReason.HandshakeRefused)]
    [InlineData("GET / HTTP/1.1\nHost: gate\n\n", "400", ConnectionEndReason.HandshakeRefused)]
    [InlineData("GET / HTTP/2.0\r\n", "505", ConnectionEndReason.HandshakeRefused)]
    public async Task Request_without_upgrade_gets_its_response_and_is_closed(string request, string status, object reason)
    {
        ScriptedDevice device = _harness.Connect();

        await device.SendAsync(request);

        Assert.StartsWith("HTTP/1.1 " + status, await device.ReceiveHeadAsync(), StringComparison.Ordinal);
        await _harness.EndAsync();
        Assert.Equal(1, _harness.Metrics.EndedBy((ConnectionEndReason)reason));
        Assert.Equal(0, _harness.Registry.Count);
    }

    [Theory]
    [InlineData("Connection: Upgrade\r\n")]
    [InlineData("Upgrade: websocket\r\n")]
    public async Task An_upgrade_whose_header_a_proxy_removed_is_answered_200_and_recorded(string removed)
    {
        ScriptedDevice device = _harness.Connect();
        string request = ScriptedDevice.Request();
        Assert.Contains(removed, request, StringComparison.Ordinal);

        await device.SendAsync(request.Replace(removed, "", StringComparison.Ordinal));

        Assert.StartsWith("HTTP/1.1 200 ", await device.ReceiveHeadAsync(), StringComparison.Ordinal);
        await _harness.EndAsync();
        Assert.Equal(1, _harness.Metrics.EndedBy(ConnectionEndReason.NotUpgraded));
        ConnectionRecord record = Assert.Single(_harness.Recorder.Newest(10));
        Assert.Equal(("KeyWithoutUpgrade", 200), (record.Error, record.Status));
        Assert.Contains("Sec-WebSocket-Key", record.HeaderNames);
        Assert.DoesNotContain(removed.Split(':')[0], record.HeaderNames);
    }

    [Fact]
    public async Task A_plain_get_is_not_recorded()
    {
        await _harness.Connect().SendAsync("GET / HTTP/1.1\r\nHost: gate\r\n\r\n");

        await _harness.EndAsync();
        Assert.Equal(0, _harness.Recorder.Handshakes);
    }

    [Fact]
    public async Task Upgrade_while_draining_is_refused_with_retry_after()
    {
        _harness.Services.BeginDrain();
        ScriptedDevice device = _harness.Connect();

        string head = await device.UpgradeAsync();

        Assert.StartsWith("HTTP/1.1 503 ", head, StringComparison.Ordinal);
        Assert.Contains("Retry-After: ", head, StringComparison.Ordinal);
        Assert.Equal(0, _harness.Recorder.Handshakes);
    }

    [Fact]
    public async Task Client_that_leaves_during_its_request_leaves_no_state()
    {
        ScriptedDevice device = _harness.Connect(out InMemoryConnection? connection);
        await device.SendAsync("GET / HTTP/1.1\r\nHo");

        connection.CloseFromPeer();

        await _harness.EndAsync();
        Assert.Equal(1, _harness.Metrics.EndedBy(ConnectionEndReason.PeerVanished));
        AssertRecordedAsIncomplete("/", "PeerVanished");
    }

    [Fact]
    public async Task Incomplete_target_is_recorded()
    {
        ScriptedDevice device = _harness.Connect(out InMemoryConnection? connection);
        await device.SendAsync("GET /xiaozhi/v1/?device-id=aa%3A");

        connection.CloseFromPeer();

        await _harness.EndAsync();
        AssertRecordedAsIncomplete("/xiaozhi/v1/?device-id=aa%3A", "PeerVanished");
    }

    [Fact]
    public async Task Request_ended_by_a_reset_is_recorded()
    {
        ScriptedDevice device = _harness.Connect(out InMemoryConnection? connection);
        await device.SendAsync("GET /xiaozhi/v1/");

        connection.CloseFromPeer(new ConnectionResetException("reset"));

        await _harness.EndAsync();
        AssertRecordedAsIncomplete("", "PeerReset");
    }

    [Fact]
    public async Task Connection_without_bytes_is_not_recorded()
    {
        _harness.Connect(out InMemoryConnection? connection);
        connection.CloseFromPeer();
        _harness.Connect();
        _harness.Clock.Turn(TimeSpan.FromSeconds(11));

        await _harness.EndAsync();

        Assert.Equal(0, _harness.Recorder.Handshakes);
    }

    [Fact]
    public async Task Automatic_id_in_use_is_replaced_by_another()
    {
        var draws = new Queue<uint>([7, 7, 7, 0xABCDEF01]);
        using var harness = new ConnectionHarness(random: draws.Dequeue);
        ScriptedDevice first = harness.Connect();
        await first.UpgradeAsync(headers: "");

        await harness.Connect().UpgradeAsync(headers: "");

        Assert.Empty(draws);
        Assert.NotNull(harness.Registry.Find("auto-00000007"));
        Assert.NotNull(harness.Registry.Find("auto-abcdef01"));
        await first.SendTextAsync("""{"type":"ping"}""");
        Assert.Equal("""{"type":"pong"}""", await first.ReceiveTextAsync());
    }

    [Fact]
    public async Task Automatic_id_is_drawn_a_limited_number_of_times()
    {
        using var harness = new ConnectionHarness(random: static () => 7);
        await harness.Connect().UpgradeAsync(headers: "");

        await harness.Connect().UpgradeAsync(headers: "");

        Assert.Equal("auto-00000007", Assert.Single(harness.Connections()).DeviceId);
    }

    [Fact]
    public async Task Automatic_id_logs_one_warning_without_secrets()
    {
        var log = new RecordingLogger<DeviceConnection>();
        using var harness = new ConnectionHarness(connectionLog: log, random: static () => 0xA1B2C3D4);
        string target = $"/?device-id=%20&access_token=secret-2&pass=secret-3&from={new string('x', 300)}";
        string headers = $"Authorization: Bearer secret-1\r\nX-Other: value-of-other\r\nX-Device-Id: {new string('d', 129)}\r\nClient-Id: \"\"\r\nX-Real-IP: 10.1.2.3\r\n";

        await harness.Connect().UpgradeAsync(target, headers);

        (LogLevel Level, int Id, string Text) warning = Assert.Single(log.Lines, static line => line.Level >= LogLevel.Warning);
        Assert.Equal(2004, warning.Id);
        Assert.Contains("auto-a1b2c3d4", warning.Text, StringComparison.Ordinal);
        Assert.Contains("Authorization, X-Other, X-Device-Id, Client-Id, X-Real-IP", warning.Text, StringComparison.Ordinal);
        Assert.Contains("Client 127.0.0.1:40000 for 10.1.2.3;", warning.Text, StringComparison.Ordinal);
        Assert.Contains("QueryDeviceId: Empty", warning.Text, StringComparison.Ordinal);
        Assert.Contains("HeaderXDeviceId: TooLong", warning.Text, StringComparison.Ordinal);
        Assert.Contains("HeaderDeviceId: Absent", warning.Text, StringComparison.Ordinal);
        Assert.Contains("HeaderClientId: Empty", warning.Text, StringComparison.Ordinal);

        // The log shows the first 256 bytes of the target.
        int shown = 256 - target.IndexOf("xxx", StringComparison.Ordinal);
        Assert.Contains($"&from={new string('x', shown)}...;", warning.Text, StringComparison.Ordinal);
        Assert.All(log.Lines, static line =>
        {
            Assert.DoesNotContain("secret-", line.Text, StringComparison.Ordinal);
            Assert.DoesNotContain("value-of-other", line.Text, StringComparison.Ordinal);
        });
    }

    [Fact]
    public async Task Handshake_with_automatic_id_is_recorded_without_secrets()
    {
        ScriptedDevice device = _harness.Connect();

        await device.UpgradeAsync("/xiaozhi/v1/?device-id=", "Authorization: Bearer secret-1\r\nX-Other: 1\r\n");

        DeviceConnection connection = Assert.Single(_harness.Connections());
        Assert.Matches("^auto-[0-9a-f]{8}$", connection.DeviceId);
        ConnectionRecord record = Assert.Single(_harness.Recorder.Newest(10));
        Assert.Contains("X-Other", record.HeaderNames);
        Assert.DoesNotContain("secret-", System.Text.Json.JsonSerializer.Serialize(record), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Record_of_a_request_with_many_long_names_stays_small()
    {
        ScriptedDevice device = _harness.Connect();

        await device.UpgradeAsync("/", string.Concat(Enumerable.Range(0, 50).Select(static i => $"X-{i}-{new string('n', 90)}: 1\r\n")));

        ConnectionRecord record = Assert.Single(_harness.Recorder.Newest(10));
        Assert.Equal(32, record.HeaderNames.Count);
        Assert.All(record.HeaderNames, static name => Assert.InRange(name.Length, 1, 48));
    }

    [Fact]
    public async Task Disagreeing_sources_are_recorded_with_their_ids()
    {
        ScriptedDevice device = _harness.Connect();

        await device.UpgradeAsync("/?device-id=AA%3A01", "Device-Id: bb:02\r\nx-device_id: aa:01\r\n");

        Assert.Equal("aa:01", _harness.Connections().Single().DeviceId);
        IReadOnlyList<HandshakeSourceOutcome> sources = Assert.Single(_harness.Recorder.Newest(10)).Sources;
        Assert.Equal(("Used", "aa:01"), Of("QueryDeviceId"));
        Assert.Equal(("Disagrees", "bb:02"), Of("HeaderDeviceId"));
        Assert.Equal(("Agrees", "aa:01"), Of("HeaderXDeviceIdUnderscore"));

        (string Outcome, string? Id) Of(string name)
        {
            HandshakeSourceOutcome source = sources.Single(source => source.Source == name);
            return (source.Outcome, source.Id);
        }
    }

    [Fact]
    public async Task Slow_request_ends_at_the_handshake_timeout()
    {
        ScriptedDevice device = _harness.Connect();
        await device.SendAsync("GET / HTTP/1.1\r\n");

        _harness.Clock.Turn(TimeSpan.FromSeconds(6));
        await device.SendAsync("Host: ga");
        _harness.Clock.Turn(TimeSpan.FromSeconds(5));

        Assert.True(await device.ReceiveEndAsync());
        await _harness.EndAsync();
        Assert.Equal(1, _harness.Metrics.EndedBy(ConnectionEndReason.HandshakeTimeout));
        AssertRecordedAsIncomplete("/", "HandshakeTimeout");
    }

    private void AssertRecordedAsIncomplete(string target, string reason)
    {
        Assert.Equal(1, _harness.Recorder.Handshakes);
        ConnectionRecord record = Assert.Single(_harness.Recorder.Newest(10));
        Assert.Equal((target, reason, 0), (record.Target, record.Error, record.Status));
    }
}
