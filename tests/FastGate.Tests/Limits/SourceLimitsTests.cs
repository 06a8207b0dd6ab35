using FastGate.Configuration.Options;
using FastGate.Limits;
using FastGate.Testing;

namespace FastGate.Tests.Limits;

public sealed class SourceLimitsTests
{
    private static readonly UInt128 s_attacker = LimitFixture.Address("203.0.113.7");
    private static readonly UInt128 s_device = LimitFixture.Address("198.51.100.1");

    [Fact]
    public void Thousands_of_devices_behind_one_address_connect_with_the_defaults()
    {
        using var fixture = new LimitFixture();
        for (int device = 0; device < 5_000; device++)
        {
            Assert.True(Connects(fixture, s_device));
        }

        Assert.False(fixture.Limits.Admits(s_device));
        for (int device = 5_000; device < 20_000; device++)
        {
            fixture.Turn(TimeSpan.FromMilliseconds(2));
            Assert.True(Connects(fixture, s_device));
        }
    }

    [Fact]
    public void One_address_that_connects_without_end_is_refused_and_others_are_not()
    {
        using var fixture = new LimitFixture();
        int admitted = Enumerable.Range(0, 20_000).Count(_ => fixture.Limits.Admits(s_attacker));

        Assert.Equal(5_000, admitted);
        Assert.Equal(15_000, fixture.Refused(SourceRefusal.Connects));
        for (uint device = 0; device < 1_000; device++)
        {
            Assert.True(Connects(fixture, LimitFixture.Address("198.51.0.0") + device));
        }
    }

    [Fact]
    public void Connect_without_a_request_takes_the_place_of_ten()
    {
        using var fixture = new LimitFixture();
        int admitted = LeaveUntilRefused(fixture);

        Assert.Equal(500, admitted);
        Assert.True(Connects(fixture, s_device));

        // 500 a second come back, and no more than ten seconds of them were taken.
        fixture.Turn(TimeSpan.FromSeconds(1));
        Assert.Equal(50, LeaveUntilRefused(fixture));
        fixture.Turn(TimeSpan.FromSeconds(10));
        Assert.Equal(5_000, Enumerable.Range(0, 20_000).Count(_ => Connects(fixture, s_attacker)));
    }

    [Fact]
    public void Open_requests_of_one_address_are_bounded_and_end_with_their_connections()
    {
        using var fixture = new LimitFixture();
        for (int open = 0; open < 1_000; open++)
        {
            Assert.True(fixture.Limits.Admits(s_attacker));
            Assert.True(fixture.Limits.Opened(s_attacker, isPending: true));
        }

        Assert.False(fixture.Limits.Admits(s_attacker));
        Assert.Equal(1, fixture.Refused(SourceRefusal.Handshakes));
        Assert.True(fixture.Limits.Admits(s_device));

        // One completes its request, one ends without.
        fixture.Limits.Completed(s_attacker);
        Assert.True(Opens(fixture, s_attacker));
        Assert.False(fixture.Limits.Admits(s_attacker));
        fixture.Limits.Closed(s_attacker, isPending: true);
        Assert.True(Opens(fixture, s_attacker));
        Assert.False(fixture.Limits.Admits(s_attacker));
    }

    [Fact]
    public void Connections_of_one_address_are_bounded()
    {
        using var fixture = new LimitFixture(new RateOptions { Connections = 10 });
        for (int open = 0; open < 10; open++)
        {
            Assert.True(Connects(fixture, s_attacker));
        }

        Assert.False(fixture.Limits.Admits(s_attacker));
        Assert.Equal(1, fixture.Refused(SourceRefusal.Connections));
        fixture.Limits.Closed(s_attacker, isPending: false);
        Assert.True(fixture.Limits.Admits(s_attacker));
    }

    [Theory]
    [InlineData("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", false)]
    [InlineData("2001:db8:1:2::1", "2001:db8:1:3::1", true)]
    [InlineData("203.0.113.7", "203.0.113.8", true)]
    [InlineData("203.0.113.7", "::ffff:203.0.113.7", false)]
    public void Network_of_an_ipv6_address_is_one_source(string busy, string other, bool isAdmitted)
    {
        using var fixture = new LimitFixture(new RateOptions { Connections = 1 });
        Assert.True(Connects(fixture, LimitFixture.Address(busy)));
        Assert.Equal(isAdmitted, fixture.Limits.Admits(LimitFixture.Address(other)));
    }

    [Fact]
    public void Prefix_of_a_source_is_configurable()
    {
        using var fixture = new LimitFixture(new RateOptions { Connections = 1, PrefixIPv6 = 48 });
        Assert.True(Connects(fixture, LimitFixture.Address("2001:db8:1:2::1")));
        Assert.False(fixture.Limits.Admits(LimitFixture.Address("2001:db8:1:3::1")));
        Assert.True(fixture.Limits.Admits(LimitFixture.Address("2001:db8:2:2::1")));
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("::1")]
    [InlineData("172.17.0.1")]
    [InlineData("192.168.1.7")]
    [InlineData("fd00::1")]
    public void Own_machine_and_private_networks_have_no_limits_by_default(string address)
    {
        using var fixture = new LimitFixture(new RateOptions { Connections = 1 });
        Assert.False(fixture.Limits.Opened(LimitFixture.Address(address), isPending: true));
        Assert.True(fixture.Limits.Admits(LimitFixture.Address(address)));

        fixture.Limits.Apply(new RateOptions { Connections = 1, Exempt = ["203.0.113.0/24"] });
        Assert.True(fixture.Limits.Opened(LimitFixture.Address(address), isPending: true));
        Assert.False(fixture.Limits.Admits(LimitFixture.Address(address)));
        Assert.False(fixture.Limits.Opened(s_attacker, isPending: true));
    }

    [Fact]
    public void Trusted_proxy_is_not_limited_by_its_address()
    {
        using var fixture = new LimitFixture(new RateOptions { Connections = 1 });
        fixture.Limits.IsTrusted = static address => address == s_device;
        Assert.False(fixture.Limits.Opened(s_device, isPending: true));
        Assert.True(fixture.Limits.Admits(s_device));
    }

    [Fact]
    public void Zero_switches_each_limit_off()
    {
        using var fixture = new LimitFixture(new RateOptions { Connections = 0, Handshakes = 0, ConnectsPerSecond = 0, DeviceConnectsPerMinute = 0, FailuresPerMinute = 0 });
        for (int i = 0; i < 30_000; i++)
        {
            Assert.True(Opens(fixture, s_attacker));
            Assert.True(fixture.Limits.TryConnect("a"u8, s_attacker, isAuthenticated: true));
            fixture.Limits.Failed(s_attacker);
            fixture.Limits.LeftWithoutRequest(s_attacker);
        }
    }

    [Fact]
    public void Banned_address_is_answered_at_first_and_then_refused_before_its_request()
    {
        using var fixture = new LimitFixture(new RateOptions { FailuresPerMinute = 30 });
        fixture.Limits.IsBanned = static address => address == s_attacker;
        for (int failure = 0; failure < 30; failure++)
        {
            Assert.True(fixture.Limits.Admits(s_attacker));
            fixture.Limits.Failed(s_attacker);
        }

        Assert.False(fixture.Limits.Admits(s_attacker));
        Assert.Equal(1, fixture.Refused(SourceRefusal.Banned));
        fixture.Turn(TimeSpan.FromSeconds(2));
        Assert.True(fixture.Limits.Admits(s_attacker));
    }

    [Fact]
    public void Banned_address_has_few_requests_at_once()
    {
        using var fixture = new LimitFixture(new RateOptions());
        fixture.Limits.IsBanned = static address => address == s_attacker;
        for (int i = 0; i < SourceLimits.BannedAtOnce; i++)
        {
            Assert.True(Opens(fixture, s_attacker));
        }

        Assert.False(fixture.Limits.Admits(s_attacker));
        Assert.Equal(1, fixture.Refused(SourceRefusal.Banned));
        fixture.Limits.Completed(s_attacker);
        Assert.True(fixture.Limits.Admits(s_attacker));
    }

    [Fact]
    public void Refusals_of_one_address_are_reported_once_a_second()
    {
        using var fixture = new LimitFixture(new RateOptions { ConnectsPerSecond = 1 });
        List<(UInt128, SourceRefusal)> reported = [];
        fixture.Limits.OnRefused = (address, limit) => reported.Add((address, limit));
        for (int i = 0; i < 100; i++)
        {
            fixture.Limits.Admits(s_attacker);
        }

        Assert.Equal([(s_attacker, SourceRefusal.Connects)], reported);
    }

    [Fact]
    public void Rate_of_all_connects_says_how_long_the_next_one_waits()
    {
        using var fixture = new LimitFixture(new RateOptions { AllConnectsPerSecond = 100 });
        int served = 0;
        while (fixture.Limits.TakeTurn() == 0)
        {
            served++;
        }

        Assert.Equal(10, served);
        Assert.InRange(fixture.Limits.TakeTurn(), 1, 10);
        fixture.Turn(TimeSpan.FromMilliseconds(fixture.Limits.TakeTurn()));
        Assert.Equal(0, fixture.Limits.TakeTurn());
    }

    /// <summary>Tables have a fixed size, so that a hundred thousand addresses cost no more than the first.</summary>
    [Fact]
    public void Connects_of_ever_new_addresses_and_devices_allocate_nothing()
    {
        using var fixture = new LimitFixture();
        UInt128 address = LimitFixture.Address("2001:db8::");
        byte[] device = new byte[17];
        Assert.Equal(0, Allocations.Of(
            () =>
            {
                address += (UInt128)1 << 64;
                System.Security.Cryptography.RandomNumberGenerator.Fill(device);
                Opens(fixture, address);
                fixture.Limits.TryConnect(device, address, isAuthenticated: false);
                fixture.Limits.Completed(address);
                fixture.Limits.Failed(address);
                fixture.Limits.LeftWithoutRequest(address);
                fixture.Limits.Closed(address, isPending: false);
                fixture.Limits.TakeTurn();
            },
            times: 20_000));
    }

    private static int LeaveUntilRefused(LimitFixture fixture)
    {
        int admitted = 0;
        for (; Opens(fixture, s_attacker); admitted++)
        {
            fixture.Limits.Closed(s_attacker, isPending: true);
            fixture.Limits.LeftWithoutRequest(s_attacker);
        }

        return admitted;
    }

    private static bool Opens(LimitFixture fixture, UInt128 address) => fixture.Limits.Admits(address) && fixture.Limits.Opened(address, isPending: true);

    /// <summary>A device in order: its request is complete soon.</summary>
    private static bool Connects(LimitFixture fixture, UInt128 address)
    {
        bool opens = Opens(fixture, address);
        if (opens)
        {
            fixture.Limits.Completed(address);
        }

        return opens;
    }
}
