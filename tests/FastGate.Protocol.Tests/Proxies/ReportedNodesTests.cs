using System.Buffers;
using System.Text;
using FastGate.Protocol.Handshake;
using FastGate.Protocol.Proxies;
using FastGate.Protocol.Tests.Handshake;

namespace FastGate.Protocol.Tests.Proxies;

/// <summary>The addresses in <c>X-Forwarded-For</c>, <c>X-Real-IP</c> and <c>Forwarded</c>; "-" for a node without one.</summary>
public sealed class ReportedNodesTests
{
    [Theory]
    [InlineData("192.0.2.1", "192.0.2.1")]
    [InlineData("192.0.2.1, 2001:db8::1,[2001:db8::2]:80", "192.0.2.1 2001:db8::1 2001:db8::2")]
    [InlineData(",, 192.0.2.1 ,", "192.0.2.1")]
    [InlineData("", "")]
    [InlineData("unknown, 192.0.2.1", "- 192.0.2.1")]
    [InlineData("\"192.0.2.1, 192.0.2.2\"", "-")]
    [InlineData("192.0.2.1 192.0.2.2", "-")]
    public void List_gives_its_nodes_in_order(string list, string expected) => Assert.Equal(expected, Read(new ReportedNodes(Bytes(list), ReportedHeader.XForwardedFor)));

    [Theory]
    [InlineData("for=192.0.2.60;proto=http;by=203.0.113.43", "192.0.2.60")]
    [InlineData("proto=http; FOR=192.0.2.60", "192.0.2.60")]
    [InlineData("For=\"[2001:db8:cafe::17]:4711\"", "2001:db8:cafe::17")]
    [InlineData("for=192.0.2.43, for=198.51.100.17", "192.0.2.43 198.51.100.17")]
    [InlineData("for=\"_gazonk\"", "-")]
    [InlineData("for=unknown, for=192.0.2.1", "- 192.0.2.1")]
    [InlineData("proto=https", "-")]
    [InlineData("host=\"a,b;for=10.0.0.1\";for=192.0.2.1", "192.0.2.1")]
    [InlineData("host=\"a\\\",for=10.0.0.1\";for=192.0.2.1", "192.0.2.1")]
    [InlineData("host=\"open;for=10.0.0.1, for=192.0.2.1", "-")]
    [InlineData("for", "-")]
    [InlineData("for=", "-")]
    [InlineData("xfor=192.0.2.1", "-")]
    public void Forwarded_gives_the_for_of_each_element(string list, string expected) => Assert.Equal(expected, Read(new ReportedNodes(Bytes(list), ReportedHeader.Forwarded)));

    [Theory]
    [InlineData("X-Forwarded-For: 192.0.2.1\r\n", "192.0.2.1")]
    [InlineData("X-Forwarded-For: 192.0.2.1, 192.0.2.2\r\nA: b\r\nx-forwarded-for: 192.0.2.3\r\n", "192.0.2.1 192.0.2.2 192.0.2.3")]
    [InlineData("X-Real-IP: 192.0.2.9\r\nX-Forwarded-For: 192.0.2.1\r\nForwarded: for=192.0.2.8\r\n", "192.0.2.1")]
    [InlineData("Forwarded: for=192.0.2.8\r\nX-Real-IP: 192.0.2.9\r\n", "192.0.2.9")]
    [InlineData("Forwarded: for=192.0.2.8\r\nForwarded: for=192.0.2.7\r\n", "192.0.2.8 192.0.2.7")]
    [InlineData("X-Forwarded-For:\r\nX-Real-IP: 192.0.2.9\r\n", "")]
    [InlineData("", "")]
    public void First_header_that_is_present_counts_with_all_its_lines(string headers, string expected)
    {
        byte[] bytes = Bytes($"GET / HTTP/1.1\r\n{headers}{Requests.Upgrade}\r\n");
        var parser = new HandshakeParser(HandshakeLimits.Default);
        Assert.Equal(OperationStatus.Done, parser.Parse(bytes, out _));

        Assert.Equal(expected, Read(new ReportedNodes(parser.GetRequest(bytes))));
    }

    private static byte[] Bytes(string text) => Encoding.ASCII.GetBytes(text);

    private static string Read(ReportedNodes nodes)
    {
        var read = new List<string>();
        while (nodes.Read())
        {
            UInt128 address = nodes.Address;
            byte[] bytes = new byte[16];
            System.Buffers.Binary.BinaryPrimitives.WriteUInt128BigEndian(bytes, address);
            var shown = new System.Net.IPAddress(bytes);
            read.Add(!nodes.HasAddress ? "-" : shown.IsIPv4MappedToIPv6 ? shown.MapToIPv4().ToString() : shown.ToString());
        }

        return string.Join(' ', read);
    }
}
