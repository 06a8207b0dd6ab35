using System.Net;
using System.Text;
using FastGate.Fleet;
using FastGate.Peers;
using FastGate.Protocol.Proxies;
using FastGate.Transport.Addresses;

namespace FastGate.Tests.Peers;

/// <summary>Whose reports are believed, and which of the reported addresses is the client.</summary>
public sealed class PeerRulesTests
{
    private readonly PeerRules _rules = new(["10.0.0.0/8", "127.0.0.1", "fd00::/8"], ["192.0.2.10"]);

    [Theory]
    // One proxy.
    [InlineData("10.0.0.1", "203.0.113.9", "203.0.113.9")]
    [InlineData("10.0.0.1", "[2001:db8::1]:4711", "2001:db8::1")]
    // What the client wrote is before what the proxy added.
    [InlineData("10.0.0.1", "198.51.100.1, 203.0.113.9", "203.0.113.9")]
    [InlineData("10.0.0.1", "127.0.0.1, 203.0.113.9", "203.0.113.9")]
    [InlineData("10.0.0.1", "10.0.0.9, 203.0.113.9", "203.0.113.9")]
    // Several proxies.
    [InlineData("10.0.0.1", "203.0.113.9, 10.0.0.2, 10.0.0.3", "203.0.113.9")]
    [InlineData("10.0.0.1", "198.51.100.1, 203.0.113.9, 10.0.0.2, fd00::3", "203.0.113.9")]
    // Proxies only: the first of them.
    [InlineData("10.0.0.1", "10.0.0.5, 10.0.0.2", "10.0.0.5")]
    // An unknown node ends the list: the proxy behind it is what is known.
    [InlineData("10.0.0.1", "203.0.113.9, unknown", null)]
    [InlineData("10.0.0.1", "203.0.113.9, _hidden, 10.0.0.2", "10.0.0.2")]
    [InlineData("10.0.0.1", "unknown, 203.0.113.9", "203.0.113.9")]
    [InlineData("10.0.0.1", "203.0.113.9, ", "203.0.113.9")]
    [InlineData("10.0.0.1", "", null)]
    // Not trusted.
    [InlineData("198.51.100.1", "203.0.113.9", null)]
    [InlineData("192.0.2.10", "203.0.113.9", null)]
    // Clients of this machine are reported by this machine only.
    [InlineData("10.0.0.1", "127.0.0.1", null)]
    [InlineData("10.0.0.1", "127.8.0.1", null)]
    [InlineData("10.0.0.1", "::1", null)]
    [InlineData("127.0.0.1", "127.0.0.77", "127.0.0.77")]
    public void Client_is_the_last_address_that_is_no_proxy(string peer, string list, string? client)
    {
        var nodes = new ReportedNodes(Encoding.ASCII.GetBytes(list), ReportedHeader.XForwardedFor);

        Assert.Equal(client is not null, _rules.TryFindClient(ValueOf(peer), nodes, out UInt128 found));
        if (client is not null)
        {
            Assert.Equal(client, RemoteAddress.EndPointOf(found, port: 0).ToString());
        }
    }

    [Theory]
    [InlineData("10.1.2.3", true, true)]
    [InlineData("::ffff:10.1.2.3", true, true)]
    [InlineData("fd00::1", true, true)]
    [InlineData("192.0.2.10", false, true)]
    [InlineData("192.0.2.11", false, false)]
    public void Proxies_and_trusted_peers_are_exempt(string address, bool isProxy, bool isExempt)
    {
        Assert.Equal((isProxy, isExempt), (_rules.IsProxy(ValueOf(address)), _rules.IsExempt(ValueOf(address))));
    }

    private static UInt128 ValueOf(string text) => AddressRange.ValueOf(IPAddress.Parse(text));
}
