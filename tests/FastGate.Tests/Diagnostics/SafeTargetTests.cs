using System.Text;
using FastGate.Diagnostics;

namespace FastGate.Tests.Diagnostics;

public sealed class SafeTargetTests
{
    [Theory]
    [InlineData("/xiaozhi/v1/", "/xiaozhi/v1/")]
    [InlineData("/a?device-id=94%3Aa9&client-id=x", "/a?device-id=94%3Aa9&client-id=x")]
    [InlineData("/a?authorization=Bearer+abc.1&device-id=x", "/a?authorization=***&device-id=x")]
    [InlineData("/a?x&Authorization=secret", "/a?x&Authorization=***")]
    [InlineData("/a?%61uthorizatio%6E=secret;token=t#f", "/a?%61uthorizatio%6E=***;token=***#f")]
    [InlineData("/a?access-token=t&access_token=t&secret=s", "/a?access-token=***&access_token=***&secret=***")]
    [InlineData("/a?+token=t", "/a?+token=***")]
    [InlineData("/a?tokens=t&authorization", "/a?tokens=t&authorization")]
    [InlineData("/a?token=a=b", "/a?token=***")]
    [InlineData("/a?%zz=1&%", "/a?%zz=1&%")]
    [InlineData("?", "?")]
    [InlineData("", "")]
    public void Credentials_are_masked(string target, string expected) => Assert.Equal(expected, Target(target));

    [Fact]
    public void Nothing_that_a_terminal_or_a_log_would_obey_gets_through()
    {
        Assert.Equal("/\\x0D\\x0A\\x1B[31m\\x00\\x7F\\xD0\\xB0", Target("/\r\n\u001b[31m\0\u007f\u0430"));
        Assert.Equal("\\xFF name", SafeTarget.Text([0xFF, .. " name"u8], 64));
    }

    [Fact]
    public void Long_ones_are_cut()
    {
        Assert.Equal(new string('a', 256) + "...", Target(new string('a', 10_000)));
        Assert.Equal(259, Target("/?x=" + new string('\u0001', 10_000)).Length);
        Assert.Equal(256, Target(new string('a', 256)).Length);
        Assert.EndsWith("...", Target("/?" + string.Concat(Enumerable.Repeat("x&", 500))), StringComparison.Ordinal);
        Assert.Equal("abc...", SafeTarget.Text("abcd"u8, 3));
    }

    private static string Target(string target) => SafeTarget.Target(Encoding.UTF8.GetBytes(target));
}
