using System.Net;
using FastGate.Fleet;
using FastGate.Http.Admin;

namespace FastGate.Tests.Http;

public sealed class DeviceFilterTests
{
    private static readonly DeviceFacts s_device = new("aa:bb:01", IPAddress.Parse("10.1.2.3"), 60, "1.6.0", "bread-compact", ["beta", "hall"]);

    public static TheoryData<string, bool> Table => new()
    {
        { "", true },
        { "prefix=aa:bb", true },
        { "prefix=AA:BB", true },
        { "prefix=bb", false },
        { "address=10.1.2.3", true },
        { "address=10.0.0.0/8", true },
        { "address=::ffff:10.1.2.3", true },
        { "address=::ffff:10.0.0.0/104", true },
        { "address=10.1.2.3/0", true },
        { "address=::/0", true },
        { "address=10.1.2.4", false },
        { "address=10.1.2.0/31", false },
        { "address=2001:db8::/32", false },
        { "firmware=1.6.0", true },
        { "firmware=1.6", false },
        { "board=bread-compact", true },
        { "board=other", false },
        { "tag=hall", true },
        { "tag=hal", false },
        { "minAge=60", true },
        { "minAge=60.5", false },
        { "maxAge=60", true },
        { "maxAge=59.5", false },
        { "prefix=aa&tag=beta&minAge=1&maxAge=100&address=10.1.0.0/16&firmware=1.6.0&board=bread-compact", true },
        { "prefix=aa&tag=beta&minAge=1&maxAge=100&address=10.1.0.0/16&firmware=1.6.0&board=another", false },
    };

    [Theory]
    [MemberData(nameof(Table))]
    public void Device_must_match_every_part(string query, bool matches) => Assert.Equal(matches, Parse(query).Compile()(s_device));

    [Theory]
    [InlineData("firmware=1.6.0")]
    [InlineData("board=bread-compact")]
    [InlineData("tag=hall")]
    [InlineData("address=0.0.0.0/0")]
    public void Part_that_is_not_known_of_a_device_does_not_match(string query) =>
        Assert.False(Parse(query).Compile()(new DeviceFacts("aa:bb:01", null, 60)));

    [Theory]
    [InlineData("address=10.1.2")]
    [InlineData("address=10.1.2.3/33")]
    [InlineData("address=::1/129")]
    [InlineData("address=10.0.0.0/-1")]
    [InlineData("address=fe80::1%eth0")]
    [InlineData("address=everywhere")]
    [InlineData("minAge=-1")]
    [InlineData("maxAge=old")]
    public void Wrong_value_is_refused(string query) => Assert.Equal(400, Assert.Throws<AdminProblemException>(() => Parse(query).Compile()).Status);

    [Theory]
    [InlineData("10.1.2.3/8", "10.0.0.0/8")]
    [InlineData("10.1.2.3/32", "10.1.2.3")]
    [InlineData("::ffff:10.1.2.3", "10.1.2.3")]
    [InlineData("2001:DB8::1/32", "2001:db8::/32")]
    [InlineData("::1", "::1")]
    [InlineData("0.0.0.0/0", "0.0.0.0/0")]
    [InlineData("::/0", "::/0")]
    public void Equal_ranges_have_equal_texts(string text, string canonical)
    {
        Assert.True(AddressRange.TryParse(text, out AddressRange range));
        Assert.Equal(canonical, range.ToString());
        Assert.True(AddressRange.TryParse(canonical, out AddressRange again));
        Assert.Equal(range, again);
    }

    [Fact]
    public void Text_for_the_audit_log_names_the_given_parts() =>
        Assert.Equal(("all devices", "prefix=aa, minAge=1.5"), (new DeviceFilter().ToString(), new DeviceFilter { Prefix = "aa", MinAge = 1.5 }.ToString()));

    private static DeviceFilter Parse(string query) =>
        DeviceFilter.From(new Microsoft.AspNetCore.Http.DefaultHttpContext { Request = { QueryString = new(query.Length == 0 ? "" : "?" + query) } });
}
