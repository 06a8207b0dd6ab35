using System.Buffers;
using FastGate.Configuration.Options;
using FastGate.Diagnostics;
using FastGate.Flight;
using FastGate.Hosting.Adapters;
using FastGate.Limits;
using FastGate.Protocol.Framing;
using FastGate.Protocol.Messages;
using FastGate.Testing;
using FastGate.Tests.Transport;
using FastGate.Transport.Input;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging.Abstractions;

namespace FastGate.Tests.Limits;

/// <summary>Limits on the way of a connection: what it counts, how it is refused, paused and closed.</summary>
public sealed class DeviceLimitTests
{
    private const string Address = "203.0.113.7";
    private static readonly UInt128 s_address = LimitFixture.Address(Address);
    private static readonly byte[] s_ping = [];

    [Fact]
    public async Task Connection_counts_from_its_accept_to_its_end()
    {
        using ConnectionHarness harness = Harness(new RateOptions { Connections = 1, Handshakes = 1 });
        ScriptedDevice device = harness.ConnectFrom(Address);
        Assert.False(harness.Limits.Admits(s_address));
        Assert.Equal(1, harness.LimitMetrics.RefusedBy((int)SourceRefusal.Connections));

        await device.UpgradeAsync();
        Assert.False(harness.Limits.Admits(s_address));
        await device.SendCloseAsync(CloseStatus.Normal);
        await harness.EndAsync();

        Assert.True(harness.Limits.Admits(s_address));
    }

    [Fact]
    public async Task Complete_request_makes_room_for_the_next_one()
    {
        using ConnectionHarness harness = Harness(new RateOptions { Handshakes = 1 });
        ScriptedDevice device = harness.ConnectFrom(Address);
        Assert.False(harness.Limits.Admits(s_address));
        Assert.Equal(1, harness.LimitMetrics.RefusedBy((int)SourceRefusal.Handshakes));
        await device.UpgradeAsync();
        Assert.True(harness.Limits.Admits(s_address));

        // Ended without a request, it makes room too.
        harness.ConnectFrom(Address).Connection.CloseFromPeer();
        Assert.True(harness.Limits.Admits(s_address));
    }

    [Theory]
    [InlineData("", false, false)]
    [InlineData("", true, false)]
    [InlineData("GET /xiaozhi/v1/ HTTP/1.1\r\nHo", false, true)]
    [InlineData("GET /xiaozhi/v1/ HTTP/1.1\r\nHo", true, true)]
    public async Task Client_that_leaves_without_a_request_takes_the_place_of_ten_connects_and_in_the_middle_of_one_has_failed(string sent, bool resets, bool hasFailed)
    {
        using ConnectionHarness harness = Harness(new RateOptions { ConnectsPerSecond = 1, FailuresPerMinute = 1 });
        harness.Limits.IsBanned = static _ => true;
        ScriptedDevice client = harness.ConnectFrom(Address);
        await client.SendAsync(sent);
        client.Connection.CloseFromPeer(resets ? new ConnectionResetException("reset") : null);
        await harness.EndAsync();

        // Ten connects may come at once with this rate. The accept of the harness has taken none.
        Assert.Equal(hasFailed ? 0 : 1, Enumerable.Range(0, 10).Count(_ => harness.Limits.Admits(s_address)));
        Assert.Equal(hasFailed, harness.LimitMetrics.RefusedBy((int)SourceRefusal.Banned) > 0);
    }

    [Fact]
    public async Task Request_and_end_in_one_read_has_failed()
    {
        using ConnectionHarness harness = Harness(new RateOptions { FailuresPerMinute = 1 });
        harness.Limits.IsBanned = static _ => true;
        var connection = new InMemoryConnection { RemoteEndPoint = new System.Net.IPEndPoint(System.Net.IPAddress.Parse(Address), 40_000) };
        await connection.PeerOutput.WriteAsync("GET"u8.ToArray());
        connection.CloseFromPeer();
        harness.ConnectOn(connection);
        await harness.EndAsync();

        Assert.False(harness.Limits.Admits(s_address));
    }

    [Fact]
    public async Task Request_that_is_answered_takes_the_place_of_one_connect()
    {
        using ConnectionHarness harness = Harness(new RateOptions { ConnectsPerSecond = 1 });
        ScriptedDevice browser = harness.ConnectFrom(Address);
        await browser.SendAsync("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
        await harness.EndAsync();
        ScriptedDevice device = harness.ConnectFrom(Address);
        await device.UpgradeAsync();
        device.Connection.CloseFromPeer();
        await harness.EndAsync();

        Assert.Equal(10, Enumerable.Range(0, 1_000).Count(_ => harness.Limits.Admits(s_address)));
    }

    [Fact]
    public async Task Client_behind_a_trusted_proxy_counts_by_its_own_address()
    {
        using ConnectionHarness harness = Harness(new RateOptions { Connections = 1 });
        var connection = new InMemoryConnection();
        ScriptedDevice device = harness.ConnectOn(connection);
        connection.RemoteEndPoint = new System.Net.IPEndPoint(System.Net.IPAddress.Parse(Address), 1);
        await device.UpgradeAsync();
        Assert.False(harness.Limits.Admits(s_address));

        var second = new InMemoryConnection();
        ScriptedDevice refused = harness.ConnectOn(second);
        second.RemoteEndPoint = connection.RemoteEndPoint;
        Assert.StartsWith("HTTP/1.1 429 ", await refused.UpgradeAsync(), StringComparison.Ordinal);
        Assert.Equal(Verdict.AddressLimited, harness.Recorder.Newest(1)[0].Verdict);

        await device.SendCloseAsync(CloseStatus.Normal);
        await harness.EndAsync();
        Assert.True(harness.Limits.Admits(s_address));
    }

    [Fact]
    public async Task Device_that_connects_too_often_waits_and_its_record_says_why()
    {
        using ConnectionHarness harness = Harness(new RateOptions { DeviceConnectsPerMinute = 1 });
        Assert.StartsWith("HTTP/1.1 101 ", await harness.ConnectFrom(Address).UpgradeAsync(), StringComparison.Ordinal);

        string head = await harness.ConnectFrom(Address).UpgradeAsync();

        Assert.StartsWith("HTTP/1.1 429 ", head, StringComparison.Ordinal);
        Assert.Contains("\r\nRetry-After: 30", head, StringComparison.Ordinal);
        Assert.Equal(1, harness.Metrics.EndedBy(ConnectionEndReason.ConnectsTooOften));
        ConnectionRecord record = Assert.Single(harness.Recorder.Newest(10));
        Assert.Equal((Verdict.ConnectsTooOften, "aa:bb:cc:dd:ee:ff"), (record.Verdict, record.DeviceId));
        Assert.StartsWith("HTTP/1.1 101 ", await harness.ConnectFrom("203.0.113.8").UpgradeAsync(), StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 101 ", await harness.Connect().UpgradeAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Address_with_wrong_tokens_is_banned_and_the_address_of_a_device_is_not()
    {
        var auth = new AuthOptions { Enabled = true, Tokens = ["secret-token"] };
        using var harness = new ConnectionHarness(
            gateway: new GatewayOptions { Auth = auth }, devices: new DeviceOptions { Rates = new RateOptions { FailuresPerMinute = 1 } });
        _ = new SuspectActs(harness.Services, harness.LimitMetrics, NullLogger.Instance);
        Task<string> TryAsync(string address, string token) =>
            harness.ConnectFrom(address).UpgradeAsync(headers: $"{ScriptedDevice.DeviceHeaders}Authorization: Bearer {token}\r\n");
        Assert.StartsWith("HTTP/1.1 101 ", await TryAsync("198.51.100.1", "secret-token"), StringComparison.Ordinal);

        for (int guess = 0; guess < 10; guess++)
        {
            await TryAsync(Address, $"guess-{guess}");
        }

        for (int guess = 0; guess < 10; guess++)
        {
            await TryAsync("198.51.100.1", $"guess-{guess}");
        }

        await Eventually.TrueAsync(() => harness.Services.Fleet.Bans.Count > 0, "banned");
        FastGate.Fleet.Ban ban = Assert.Single(harness.Services.Fleet.Bans.After(0));
        Assert.Equal((Address, true), (ban.Range.ToString(), ban.IsAutomatic));

        // It gets no further at the transport, and at most an answer where a request is read.
        Assert.False(harness.Limits.Admits(s_address));
        Assert.StartsWith("HTTP/1.1 403 ", await TryAsync(Address, "secret-token"), StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 101 ", await TryAsync("198.51.100.1", "secret-token"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Device_that_sends_too_much_is_paused_and_read_again()
    {
        using ConnectionHarness harness = Harness(new RateOptions { MessagesPerSecond = 1 });
        var connection = new PausableConnection();
        ScriptedDevice device = await ReadyAsync(harness, connection);
        await PingAsync(device, 40);
        Assert.True(connection.IsPaused);

        harness.Clock.Turn(TimeSpan.FromSeconds(12));
        await Eventually.TrueAsync(() => !connection.IsPaused, "read again");

        Assert.Equal(1, connection.Pauses);
        await device.SendTextAsync("""{"type":"ping"}""");
        Assert.Equal(0, harness.Metrics.EndedBy(ConnectionEndReason.SendsTooMuch));
    }

    [Fact]
    public async Task Pings_that_are_answered_without_a_pipe_are_counted_too()
    {
        using ConnectionHarness harness = Harness(new RateOptions { MessagesPerSecond = 1 });
        var connection = new PausableConnection();
        await ReadyAsync(harness, connection);
        var pings = new ArrayBufferWriter<byte>();
        for (int i = 0; i < 40; i++)
        {
            FrameWriter.WriteMaskedFrame(pings, Opcode.Text, fin: true, UsualPing.Message, maskKey: 0x01020304);
        }

        Assert.NotEqual(IInputHandler.NotTaken, ((IInputHandler)harness.Connections().Single()).TryAnswer(pings.WrittenSpan, new byte[1024], Environment.TickCount64));

        Assert.True(connection.IsPaused);
    }

    [Fact]
    public async Task Device_that_sends_too_much_after_its_pauses_is_closed_with_its_own_reason()
    {
        using ConnectionHarness harness = Harness(new RateOptions { MessagesPerSecond = 1 });
        var connection = new PausableConnection();
        ScriptedDevice device = await ReadyAsync(harness, connection);
        for (int round = 1; round <= InputRate.MostPauses; round++)
        {
            await PingAsync(device, 40);
            Assert.Equal(round, connection.Pauses);
            harness.Clock.Turn(TimeSpan.FromSeconds(12));
            await Eventually.TrueAsync(() => !connection.IsPaused, "read again");
        }

        await PingAsync(device, 40);

        await device.SendCloseAsync(CloseStatus.Normal);
        await harness.EndAsync();
        Assert.Equal(1, harness.Metrics.EndedBy(ConnectionEndReason.SendsTooMuch));
        Assert.Equal(Verdict.SendsTooMuch, Assert.Single(harness.Recorder.Newest(10, static _ => true)).Verdict);
    }

    [Fact]
    public async Task Paused_device_still_gets_what_is_sent_to_it()
    {
        using ConnectionHarness harness = Harness(new RateOptions { MessagesPerSecond = 1 });
        var connection = new PausableConnection();
        ScriptedDevice device = await ReadyAsync(harness, connection);
        await PingAsync(device, 40);
        Assert.True(connection.IsPaused);

        harness.Connections().Single().RequestClose(ConnectionEndReason.Kicked);

        CloseStatus status;
        while ((status = await CloseOrFrameAsync(device)) == CloseStatus.NoStatus)
        {
        }

        Assert.Equal(CloseStatus.PolicyViolation, status);
        Assert.False(connection.IsPaused);
    }

    [Fact]
    public async Task Transport_that_cannot_pause_closes_at_once()
    {
        using ConnectionHarness harness = Harness(new RateOptions { MessagesPerSecond = 1 });
        ScriptedDevice device = await ReadyAsync(harness, new InMemoryConnection { RemoteEndPoint = new System.Net.IPEndPoint(System.Net.IPAddress.Parse(Address), 1) });
        await PingAsync(device, 40);

        await device.SendCloseAsync(CloseStatus.Normal);
        await harness.EndAsync();
        Assert.Equal(1, harness.Metrics.EndedBy(ConnectionEndReason.SendsTooMuch));
    }

    private static ConnectionHarness Harness(RateOptions rates) => new(devices: new DeviceOptions { Rates = rates });

    /// <summary>The hello is over: its deadline leaves no room for a pause.</summary>
    private static async Task<ScriptedDevice> ReadyAsync(ConnectionHarness harness, InMemoryConnection connection)
    {
        ScriptedDevice device = harness.ConnectOn(connection);
        await device.UpgradeAsync();
        await device.SendTextAsync("""{"type":"hello","version":1,"transport":"websocket","audio_params":{}}""");
        await device.ReceiveTextAsync();
        return device;
    }

    private static async Task PingAsync(ScriptedDevice device, int times)
    {
        for (int i = 0; i < times; i++)
        {
            await device.SendFrameAsync(Opcode.Ping, s_ping);
        }
    }

    private static async Task<CloseStatus> CloseOrFrameAsync(ScriptedDevice device)
    {
        ReceivedFrame frame = await device.ReceiveFrameAsync();
        return frame.Opcode == Opcode.Close ? (CloseStatus)((frame.Payload[0] << 8) | frame.Payload[1]) : CloseStatus.NoStatus;
    }
}
