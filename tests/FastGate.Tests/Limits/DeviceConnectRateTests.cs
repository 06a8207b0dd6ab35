using FastGate.Auth;
using FastGate.Configuration.Options;
using FastGate.Hosting.Adapters;
using FastGate.Limits;
using FastGate.Testing;
using FastGate.Tests.Transport;
using Microsoft.Extensions.Logging.Abstractions;

namespace FastGate.Tests.Limits;

/// <summary>The rate of connects of one device.</summary>
public sealed class DeviceConnectRateTests
{
    private static readonly UInt128 s_attacker = LimitFixture.Address("203.0.113.7");
    private static readonly UInt128 s_device = LimitFixture.Address("198.51.100.1");

    [Fact]
    public void Device_that_connects_too_often_is_refused_at_all_its_addresses_when_it_has_proved_its_id()
    {
        using var fixture = new LimitFixture();
        for (int i = 0; i < 15; i++)
        {
            Assert.True(fixture.Limits.TryConnect("aa:bb"u8, s_device + (uint)i, isAuthenticated: true));
        }

        Assert.False(fixture.Limits.TryConnect("aa:bb"u8, s_device, isAuthenticated: true));
        Assert.True(fixture.Limits.TryConnect("aa:cc"u8, s_device, isAuthenticated: true));
        Assert.Equal(1, fixture.Refused(SourceRefusal.Device));
        fixture.Turn(TimeSpan.FromSeconds(4));
        Assert.True(fixture.Limits.TryConnect("aa:bb"u8, s_device, isAuthenticated: true));
    }

    /// <summary>Behind a trusted peer, such as an MQTT gateway, each device is judged by its proven id, and the peer never. An id without proof is the peer's word.</summary>
    [Fact]
    public void Device_behind_a_trusted_peer_is_refused_without_the_others_behind_it()
    {
        using var fixture = new LimitFixture();
        fixture.Limits.IsTrusted = static address => address == s_device;
        for (int i = 0; i < 15; i++)
        {
            Assert.True(fixture.Limits.TryConnect("aa:bb"u8, s_device, isAuthenticated: true));
        }

        Assert.False(fixture.Limits.TryConnect("aa:bb"u8, s_device, isAuthenticated: true));
        Assert.Equal(1, fixture.Refused(SourceRefusal.Device));
        Assert.True(fixture.Limits.TryConnect("aa:cc"u8, s_device, isAuthenticated: true));
        for (int i = 0; i < 100; i++)
        {
            Assert.True(fixture.Limits.TryConnect("aa:dd"u8, s_device, isAuthenticated: false));
        }
    }

    [Fact]
    public async Task Device_that_flaps_behind_a_trusted_peer_is_banned_and_the_others_behind_it_connect()
    {
        const string Peer = "198.51.100.1";
        var auth = new AuthOptions { Enabled = true, Key = "a key of the test" };
        var devices = new DeviceOptions { TrustedPeers = [Peer], Rates = new RateOptions { DeviceConnectsPerMinute = 1 } };
        using var harness = new ConnectionHarness(devices, new GatewayOptions { Auth = auth });
        _ = new SuspectActs(harness.Services, harness.LimitMetrics, NullLogger.Instance);
        var issuer = new DeviceTokenIssuer(new AuthPolicy(auth, NullLogger<AuthPolicy>.Instance));
        Task<string> ConnectAsync(string id) => harness.ConnectFrom(Peer).UpgradeAsync(headers:
            $"Device-Id: {id}\r\nClient-Id: client\r\nAuthorization: Bearer {issuer.Issue(id, "client", DateTimeOffset.UtcNow.ToUnixTimeSeconds())}\r\n");

        Assert.StartsWith("HTTP/1.1 101 ", await ConnectAsync("aa:bb"), StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 429 ", await ConnectAsync("aa:bb"), StringComparison.Ordinal);

        await Eventually.TrueAsync(() => harness.Services.Fleet.Bans.Count > 0, "banned");
        FastGate.Fleet.Ban ban = Assert.Single(harness.Services.Fleet.Bans.After(0));
        Assert.Equal(("aa:bb", null), (ban.Device, ban.Range));
        Assert.StartsWith("HTTP/1.1 403 ", await ConnectAsync("aa:bb"), StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 101 ", await ConnectAsync("aa:cc"), StringComparison.Ordinal);
    }

    [Fact]
    public void Client_without_a_token_cannot_use_up_the_connects_of_a_device_elsewhere()
    {
        using var fixture = new LimitFixture();
        for (int i = 0; i < 100; i++)
        {
            fixture.Limits.TryConnect("aa:bb"u8, s_attacker, isAuthenticated: false);
        }

        Assert.False(fixture.Limits.TryConnect("aa:bb"u8, s_attacker, isAuthenticated: false));
        Assert.True(fixture.Limits.TryConnect("aa:bb"u8, s_device, isAuthenticated: false));
        Assert.True(fixture.Limits.TryConnect("aa:bb"u8, s_attacker, isAuthenticated: true));
    }
}
