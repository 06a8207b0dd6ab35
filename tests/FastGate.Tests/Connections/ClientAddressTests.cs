using System.Net;
using System.Text;
using FastGate.Configuration.Options;
using FastGate.Diagnostics;
using FastGate.Fleet;
using FastGate.Hosting.Adapters;
using FastGate.Testing;
using FastGate.Transport.Addresses;
using Microsoft.Extensions.Logging.Abstractions;

namespace FastGate.Tests.Connections;

/// <summary>The address of a device behind a proxy: who is believed, and where the address is then seen. The test's connections come from 127.0.0.1.</summary>
public sealed class ClientAddressTests
{
    private const string Header = "PROXY TCP4 203.0.113.9 198.51.100.7 4711 443\r\n";

    private static readonly byte[] s_binaryHeader =
        [0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D, 0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A, 0x21, 0x11, 0, 15, 203, 0, 113, 9, 198, 51, 100, 7, 0x12, 0x67, 0x01, 0xBB, 0x04, 0, 0];

    private static readonly DeviceOptions s_trusting = new() { TrustedProxies = ["127.0.0.1"], Rates = new RateOptions { DeviceConnectsPerMinute = 0 } };

    [Fact]
    public async Task Proxy_header_gives_the_address_wherever_it_is_cut()
    {
        foreach (byte[] header in (byte[][])[Encoding.ASCII.GetBytes(Header), s_binaryHeader])
        {
            using var harness = new ConnectionHarness(s_trusting with { Rates = new RateOptions { ConnectsPerSecond = 0, DeviceConnectsPerMinute = 0 } });
            byte[] stream = [.. header, .. Encoding.Latin1.GetBytes(ScriptedDevice.Request())];
            for (int cut = 1; cut <= header.Length + 20; cut++)
            {
                ScriptedDevice device = harness.Connect(out InMemoryConnection connection);
                await device.SendAsync(stream.AsMemory(0, cut));
                await device.SendAsync(stream.AsMemory(cut));

                Assert.StartsWith("HTTP/1.1 101", await device.ReceiveHeadAsync(), StringComparison.Ordinal);
                Assert.Equal("203.0.113.9:4711", $"{connection.RemoteEndPoint}");
            }
        }
    }

    [Theory]
    [InlineData("PROXY UNKNOWN\r\n", "127.0.0.1:40000")]
    [InlineData("\r\n\r\n\0\r\nQUIT\n\u0020\0\0\0", "127.0.0.1:40000")]
    [InlineData("PROXY TCP6 2001:db8::1 2001:db8::2 4711 443\r\n", "[2001:db8::1]:4711")]
    [InlineData("", "127.0.0.1:40000")]
    [InlineData("\r\n", "127.0.0.1:40000")]
    public async Task Trusted_proxy_may_report_no_client_and_send_no_header(string header, string expected)
    {
        using var harness = new ConnectionHarness(s_trusting);
        ScriptedDevice device = harness.Connect(out InMemoryConnection connection);

        await device.SendAsync(header + ScriptedDevice.Request());

        Assert.StartsWith("HTTP/1.1 101", await device.ReceiveHeadAsync(), StringComparison.Ordinal);
        Assert.Equal(expected, $"{connection.RemoteEndPoint}");
    }

    [Theory]
    [InlineData(false, Header, "proxy_header_unexpected")]
    [InlineData(false, "\r\n\r\n\0\r\nQUIT\n\u0020\0\0\0", "proxy_header_unexpected")]
    [InlineData(true, Header + Header, "proxy_header_unexpected")]
    [InlineData(true, "PROXY TCP4 203.0.113.9 198.51.100.7 4711\r\n", "proxy_header_malformed")]
    [InlineData(true, "\r\n\r\n\0\r\nQUIT\n\u0021\u0011\u00ff\u00ff", "proxy_header_malformed")]
    public async Task Header_of_another_peer_and_a_second_or_malformed_one_are_refused(bool isTrusted, string header, string reason)
    {
        using var harness = new ConnectionHarness(isTrusted ? new DeviceOptions { TrustedProxies = ["127.0.0.1", "203.0.113.0/24"] } : new DeviceOptions { TrustedProxies = ["10.0.0.0/8"] });
        ScriptedDevice device = harness.Connect();

        await device.SendAsync(header + ScriptedDevice.Request());

        Assert.StartsWith("HTTP/1.1 400", await device.ReceiveHeadAsync(), StringComparison.Ordinal);
        await harness.EndAsync();
        Assert.Equal(reason, Assert.Single(harness.Recorder.Newest(10)).Reason);
        Assert.Equal(1, harness.Metrics.EndedBy(ConnectionEndReason.HandshakeRefused));
    }

    [Fact]
    public async Task Header_that_never_ends_is_ended_by_the_handshake_timeout()
    {
        using var harness = new ConnectionHarness(s_trusting);
        ScriptedDevice device = harness.Connect();
        await device.SendAsync("PROXY TCP4 ");

        harness.Clock.Turn(TimeSpan.FromMinutes(1));

        Assert.True(await device.ReceiveEndAsync());
        await harness.EndAsync();
        Assert.Equal(1, harness.Metrics.EndedBy(ConnectionEndReason.HandshakeTimeout));
    }

    [Theory]
    [InlineData("X-Forwarded-For: 198.51.100.1, 203.0.113.9\r\n", "203.0.113.9")]
    [InlineData("X-Real-IP: 203.0.113.9\r\n", "203.0.113.9")]
    [InlineData("Forwarded: for=\"[2001:db8::1]:80\";proto=https\r\n", "2001:db8::1")]
    [InlineData("Forwarded: for=unknown\r\n", "127.0.0.1:40000")]
    public async Task Trusted_proxy_reports_the_client_by_a_header(string headers, string expected)
    {
        using var harness = new ConnectionHarness(s_trusting);
        ScriptedDevice device = harness.Connect(out InMemoryConnection connection);

        await device.UpgradeAsync(headers: ScriptedDevice.DeviceHeaders + headers);

        Assert.Equal(expected, $"{connection.RemoteEndPoint}");
    }

    [Fact]
    public async Task Header_of_an_untrusted_peer_changes_nothing_but_the_record_of_what_it_claims()
    {
        using var harness = new ConnectionHarness(new DeviceOptions { TrustedProxies = ["10.0.0.0/8"] });
        ScriptedDevice device = harness.Connect(out InMemoryConnection connection);

        await device.UpgradeAsync(headers: "X-Forwarded-For: 203.0.113.9\r\n");

        Assert.Equal("127.0.0.1:40000", $"{connection.RemoteEndPoint}");
        Assert.Equal("127.0.0.1:40000 for 203.0.113.9", Assert.Single(harness.Recorder.Newest(10)).RemoteAddress);
    }

    [Fact]
    public async Task Record_of_a_device_behind_a_trusted_proxy_has_the_client_alone()
    {
        using var harness = new ConnectionHarness(s_trusting);

        await harness.Connect().UpgradeAsync(headers: "X-Forwarded-For: 198.51.100.1, 203.0.113.9\r\n");
        await harness.Connect().SendAsync(Header + "GET / HTTP/1.1\r\nHost: a\r\nSec-WebSocket-Version: 13\r\n\r\n");

        Assert.Equal(["203.0.113.9:4711", "203.0.113.9"], harness.Recorder.Newest(10).Select(static record => record.RemoteAddress));
    }

    [Fact]
    public async Task Ban_applies_to_the_client_and_never_to_the_proxy()
    {
        using var harness = new ConnectionHarness(gateway: new GatewayOptions { Devices = s_trusting, Auth = new AuthOptions { Enabled = true, Tokens = ["right"] } });
        Task<string> TryAsync(string client, string token) =>
            harness.Connect().UpgradeAsync(headers: $"{ScriptedDevice.DeviceHeaders}{client}Authorization: Bearer {token}\r\n");
        Assert.StartsWith("HTTP/1.1 101", await TryAsync("X-Real-IP: 203.0.113.9\r\n", "right"), StringComparison.Ordinal);

        Ban(harness, "127.0.0.1");
        Ban(harness, "203.0.113.9");
        Assert.StartsWith("HTTP/1.1 403", await TryAsync("X-Real-IP: 203.0.113.9\r\n", "right"), StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 101", await TryAsync("", "right"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Limits_count_the_client_and_never_the_proxy()
    {
        using var harness = new ConnectionHarness(s_trusting with { Rates = new RateOptions { Connections = 1, Exempt = ["192.0.2.1"] } });
        _ = new SuspectActs(harness.Services, harness.LimitMetrics, NullLogger.Instance);
        int devices = 0;
        Task<string> ConnectAsync(string header) => harness.Connect().UpgradeAsync(headers: $"Device-Id: device-{devices++}\r\n{header}");

        Assert.StartsWith("HTTP/1.1 101", await ConnectAsync("X-Real-IP: 203.0.113.9\r\n"), StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 429", await ConnectAsync("X-Real-IP: 203.0.113.9\r\n"), StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 101", await ConnectAsync("X-Real-IP: 203.0.113.10\r\n"), StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 101", await ConnectAsync(""), StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 101", await ConnectAsync(""), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Trusted_peer_is_never_banned_by_its_address()
    {
        using var harness = new ConnectionHarness(
            gateway: new GatewayOptions { Devices = new DeviceOptions { TrustedPeers = ["127.0.0.1"] }, Auth = new AuthOptions { Enabled = true, Tokens = ["right"] } });
        Ban(harness, "127.0.0.0/8");
        Assert.StartsWith(
            "HTTP/1.1 101", await harness.Connect().UpgradeAsync(headers: ScriptedDevice.DeviceHeaders + "Authorization: Bearer right\r\n"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("PROXY TCP4 203.0.113.9 198.51.100.7 4711 443\r\n", "203.0.113.9:4711")]
    [InlineData("PROXY TCP6 2001:db8::1 2001:db8::2 4711 443\r\n", "[2001:db8::1]:4711")]
    [InlineData("", "127.0.0.1:40000")]
    public async Task Address_passes_to_the_next_server_with_the_connection(string header, string expected)
    {
        using var first = new ConnectionHarness(s_trusting);
        using var second = new ConnectionHarness(s_trusting);
        ScriptedDevice device = first.Connect();
        await device.SendAsync(header + ScriptedDevice.Request());
        await device.ReceiveHeadAsync();

        await HandOverBench.PassAsync(first, second, device);

        Assert.Equal(expected, $"{Assert.Single(second.Connections()).RemoteEndPoint}");
    }

    [Fact]
    public async Task Half_a_request_passes_to_the_next_server_after_its_proxy_header()
    {
        using var first = new ConnectionHarness(s_trusting);
        using var second = new ConnectionHarness(s_trusting);
        ScriptedDevice device = first.Connect();
        await device.SendAsync(Header + ScriptedDevice.Request()[..40]);

        device = await HandOverBench.PassAsync(first, second, device);
        await device.SendAsync(ScriptedDevice.Request()[40..]);

        Assert.StartsWith("HTTP/1.1 101", await device.ReceiveHeadAsync(), StringComparison.Ordinal);
        Assert.Equal("203.0.113.9:4711", $"{Assert.Single(second.Connections()).RemoteEndPoint}");
    }

    [Theory]
    [InlineData("203.0.113.9", 0, "203.0.113.9")]
    [InlineData("203.0.113.9", 4711, "203.0.113.9:4711")]
    [InlineData("2001:db8::1", 0, "2001:db8::1")]
    public void Reported_address_without_a_port_is_shown_alone(string address, int port, string expected)
    {
        Assert.Equal(expected, RemoteAddress.EndPointOf(AddressRange.ValueOf(IPAddress.Parse(address)), (ushort)port).ToString());
    }

    private static void Ban(ConnectionHarness harness, string text)
    {
        Assert.True(AddressRange.TryParse(text, out AddressRange range));
        harness.Services.Fleet.Bans.Add(null, range, null, null);
    }
}
