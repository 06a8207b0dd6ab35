using System.Buffers;
using FastGate.Protocol.Handshake;
using FastGate.Testing;

namespace FastGate.Protocol.Tests.Handshake;

/// <summary>Which pages of browsers may open a connection.</summary>
public sealed class OriginRulesTests
{
    [Theory]
    // A device, and any client that is no browser.
    [InlineData("Host: gate:8000\r\n", "", true)]
    // A page of the server's own host.
    [InlineData("Host: gate:8000\r\nOrigin: http://gate:8000\r\n", "", true)]
    [InlineData("Host: gate:8000\r\nOrigin: https://gate\r\n", "", true)]
    [InlineData("Host: GATE\r\nOrigin: http://gate:8002\r\n", "", true)]
    [InlineData("Host: 192.0.2.1:8000\r\nOrigin: http://192.0.2.1:8002\r\n", "", true)]
    [InlineData("Host: [2001:db8::1]:8000\r\nOrigin: http://[2001:db8::1]:8002\r\n", "", true)]
    [InlineData("Host: [2001:db8::1]\r\nOrigin: http://[2001:db8::1]\r\n", "", true)]
    // A page of another site.
    [InlineData("Host: gate:8000\r\nOrigin: http://evil.example\r\n", "", false)]
    [InlineData("Host: gate\r\nOrigin: http://gate.evil.example\r\n", "", false)]
    [InlineData("Host: gate.example\r\nOrigin: http://evil-gate.example\r\n", "", false)]
    [InlineData("Host: [2001:db8::1]\r\nOrigin: http://[2001:db8::2]\r\n", "", false)]
    [InlineData("Host: gate\r\nOrigin: http://gate@evil.example\r\n", "", false)]
    [InlineData("Host: gate\r\nOrigin: http://evil.example:gate\r\n", "", false)]
    // A page without a site, and what no browser sends.
    [InlineData("Host: gate\r\nOrigin: null\r\n", "", false)]
    [InlineData("Host: null\r\nOrigin: null\r\n", "", false)]
    [InlineData("Host: gate\r\nOrigin:\r\n", "", false)]
    [InlineData("Host: gate\r\nOrigin: gate\r\n", "", false)]
    [InlineData("Host: gate\r\nOrigin: ://gate\r\n", "", false)]
    [InlineData("Host: gate\r\nOrigin: http://\r\n", "", false)]
    [InlineData("Host: gate\r\nOrigin: http://gate\r\nOrigin: http://gate\r\n", "", false)]
    [InlineData("Host: gate\r\nOrigin: http://gate\r\norigin: http://evil.example\r\n", "http://gate", false)]
    // Listed.
    [InlineData("Host: gate\r\nOrigin: https://app.example.org\r\n", "https://app.example.org", true)]
    [InlineData("Host: gate\r\nOrigin: https://APP.example.org\r\n", "http://a b https://app.example.org", true)]
    [InlineData("Host: gate\r\nOrigin: https://app.example.org:444\r\n", "https://app.example.org", false)]
    [InlineData("Host: gate\r\nOrigin: http://app.example.org\r\n", "https://app.example.org", false)]
    [InlineData("Host: gate\r\nOrigin: http://evil.example\r\n", "*", true)]
    [InlineData("Host: gate\r\nOrigin: null\r\n", "*", true)]
    public void Page_needs_the_own_host_or_the_list(string headers, string allowed, bool expected) => AssertAllows(headers, allowed, "", expected);

    /// <summary>The first page had another address when it was loaded: its name is in both headers.</summary>
    [Theory]
    [InlineData("Host: rebound.example:8000\r\nOrigin: http://rebound.example:8000\r\n", "", false)]
    [InlineData("Host: gate.example:8000\r\nOrigin: https://gate.example\r\n", "", true)]
    [InlineData("Host: GATE.example\r\nOrigin: http://gate.EXAMPLE:8003\r\n", "", true)]
    [InlineData("Host: other.example\r\nOrigin: http://other.example\r\n", "", true)]
    [InlineData("Host: rebound.example\r\nOrigin: http://gate.example\r\n", "", false)]
    [InlineData("Host: gate.example\r\nOrigin: http://rebound.example\r\n", "", false)]
    // An address is not looked up.
    [InlineData("Host: 192.0.2.1:8000\r\nOrigin: http://192.0.2.1:8003\r\n", "", true)]
    [InlineData("Host: [2001:db8::1]:8000\r\nOrigin: http://[2001:db8::1]:8003\r\n", "", true)]
    [InlineData("Host: 192.0.2.1.rebound.example\r\nOrigin: http://192.0.2.1.rebound.example\r\n", "", false)]
    [InlineData("Host: rebound.example\r\nOrigin: http://rebound.example\r\n", "http://rebound.example", true)]
    [InlineData("Host: rebound.example\r\nOrigin: http://rebound.example\r\n", "*", true)]
    [InlineData("Host: gate.example\r\n", "", true)]
    public void Names_of_the_server_end_the_trust_in_the_host_of_the_request(string headers, string allowed, bool expected) =>
        AssertAllows(headers, allowed, "gate.example other.example", expected);

    private static void AssertAllows(string headers, string allowed, string ownHosts, bool expected)
    {
        byte[] bytes = Requests.Bytes($"GET / HTTP/1.1\r\n{headers}\r\n");
        var rules = new OriginRules(allowed.Split(' ', StringSplitOptions.RemoveEmptyEntries), ownHosts.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        bool isAllowed = !expected;

        Assert.Equal(0, Allocations.Of(
            () =>
            {
                var parser = new HandshakeParser(HandshakeLimits.Default);
                isAllowed = parser.Parse(bytes, out _) == OperationStatus.Done && rules.Allows(parser.GetRequest(bytes));
            },
            times: 3));
        Assert.Equal(expected, isAllowed);
    }
}
