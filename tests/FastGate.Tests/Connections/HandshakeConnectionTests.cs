using FastGate.Diagnostics;
using FastGate.Testing;

namespace FastGate.Tests.Connections;

/// <summary>From the first byte to a registered device, seen from the far end of the connection.</summary>
public sealed class HandshakeConnectionTests : IDisposable
{
    private readonly DoorHarness _door = new();

    public void Dispose() => _door.Dispose();

    [Fact]
    public async Task A_whole_request_is_upgraded_and_registered()
    {
        var device = _door.Connect();

        var head = await device.UpgradeAsync();

        Assert.StartsWith("HTTP/1.1 101 ", head, StringComparison.Ordinal);
        Assert.Contains("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", head, StringComparison.Ordinal);
        Assert.NotNull(_door.Registry.Find("aa:bb:cc:dd:ee:ff"));
    }

    [Fact]
    public async Task A_request_that_comes_byte_by_byte_is_upgraded_and_the_frame_behind_it_answered()
    {
        var device = _door.Connect();

        foreach (var character in ScriptedDevice.Request())
        {
            await device.SendAsync(character.ToString());
        }

        await device.SendTextAsync("""{"type":"ping"}""");
        Assert.StartsWith("HTTP/1.1 101 ", await device.ReceiveHeadAsync(), StringComparison.Ordinal);
        Assert.Equal("""{"type":"pong"}""", await device.ReceiveTextAsync());
    }

    [Fact]
    public async Task Frames_in_the_same_segment_as_the_request_are_kept()
    {
        var device = _door.Connect();
        var ping = new byte[] { 0x81, 0x8F, 0, 0, 0, 0 }.Concat("""{"type":"ping"}"""u8.ToArray());

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
    public async Task What_is_no_upgrade_gets_its_answer_and_the_end(string request, string status, object reason)
    {
        var device = _door.Connect();

        await device.SendAsync(request);

        Assert.StartsWith("HTTP/1.1 " + status, await device.ReceiveHeadAsync(), StringComparison.Ordinal);
        await _door.EndAsync();
        Assert.Equal(1, _door.Metrics.EndedBy((ConnectionEndReason)reason));
        Assert.Equal(0, _door.Registry.Count);
    }

    [Fact]
    public async Task While_draining_an_upgrade_is_refused_with_retry_after()
    {
        _door.Door.BeginDrain();
        var device = _door.Connect();

        var head = await device.UpgradeAsync();

        Assert.StartsWith("HTTP/1.1 503 ", head, StringComparison.Ordinal);
        Assert.Contains("Retry-After: ", head, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_peer_that_leaves_in_the_middle_of_its_request_leaves_nothing()
    {
        var device = _door.Connect(out var connection);
        await device.SendAsync("GET / HTTP/1.1\r\nHo");

        connection.CloseFromPeer();

        await _door.EndAsync();
        Assert.Equal(1, _door.Metrics.EndedBy(ConnectionEndReason.PeerVanished));
    }

    [Fact]
    public async Task Without_any_id_a_device_is_given_one_and_the_handshake_is_recorded_without_its_secrets()
    {
        var device = _door.Connect();

        await device.UpgradeAsync("/xiaozhi/v1/?device-id=", "Authorization: Bearer hush\r\nX-Odd: 1\r\n");

        var connection = Assert.Single(_door.Connections());
        Assert.Matches("^auto-[0-9a-f]{8}$", connection.DeviceId);
        var record = Assert.Single(_door.Recorder.Newest(10));
        Assert.Contains("X-Odd", record.HeaderNames);
        Assert.DoesNotContain("hush", System.Text.Json.JsonSerializer.Serialize(record), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Sources_that_disagree_are_recorded_with_what_each_said()
    {
        var device = _door.Connect();

        await device.UpgradeAsync("/?device-id=AA%3A01", "Device-Id: bb:02\r\nx-device_id: aa:01\r\n");

        Assert.Equal("aa:01", _door.Connections().Single().DeviceId);
        var sources = Assert.Single(_door.Recorder.Newest(10)).Sources;
        Assert.Equal(("Used", "aa:01"), Of("QueryDeviceId"));
        Assert.Equal(("Disagrees", "bb:02"), Of("HeaderDeviceId"));
        Assert.Equal(("Agrees", "aa:01"), Of("HeaderXDeviceIdUnderscore"));

        (string Outcome, string? Id) Of(string name)
        {
            var source = sources.Single(source => source.Source == name);
            return (source.Outcome, source.Id);
        }
    }

    [Fact]
    public async Task A_slow_request_is_cut_off_at_the_deadline_however_it_drips()
    {
        var device = _door.Connect();
        await device.SendAsync("GET / HTTP/1.1\r\n");

        _door.Clock.Turn(TimeSpan.FromSeconds(6));
        await device.SendAsync("Host: ga");
        _door.Clock.Turn(TimeSpan.FromSeconds(5));

        Assert.True(await device.ReceiveEndAsync());
        await _door.EndAsync();
        Assert.Equal(1, _door.Metrics.EndedBy(ConnectionEndReason.HandshakeTimeout));
    }
}
