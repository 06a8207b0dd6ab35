using System.Buffers;
using System.Text;
using FastGate.Protocol.Proxies;
using FastGate.Testing;

namespace FastGate.Protocol.Tests.Proxies;

/// <summary>The PROXY protocol, versions 1 and 2: what is read, what is refused, and that the cuts between bytes do not matter.</summary>
public sealed class ProxyHeaderTests
{
    private const string Request = "GET / HTTP/1.1\r\n";

    public static TheoryData<string, byte[], string?> Accepted => new()
    {
        { "v1 IPv4", ProxyHeaders.Line("TCP4 192.0.2.1 198.51.100.7 4711 443"), "192.0.2.1" },
        { "v1 IPv6", ProxyHeaders.Line("TCP6 2001:db8::1 2001:db8::2 4711 443"), "2001:db8::1" },
        { "v1 longest", ProxyHeaders.Line("TCP6 ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 4711 65535"), "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff" },
        { "v1 unknown", ProxyHeaders.Line("UNKNOWN"), null },
        { "v1 unknown with addresses", ProxyHeaders.Line("UNKNOWN ffff::1 ffff::2 65535 65535"), null },
        { "v2 IPv4", ProxyHeaders.Binary(ProxyHeaders.Proxied, 0x11, ProxyHeaders.Addresses("192.0.2.1", "198.51.100.7")), "192.0.2.1" },
        { "v2 IPv6", ProxyHeaders.Binary(ProxyHeaders.Proxied, 0x21, ProxyHeaders.Addresses("2001:db8::1", "2001:db8::2")), "2001:db8::1" },
        { "v2 with TLVs", ProxyHeaders.Binary(ProxyHeaders.Proxied, 0x11, ProxyHeaders.Addresses("192.0.2.1", "198.51.100.7", tlvs: 84)), "192.0.2.1" },
        { "v2 local", ProxyHeaders.Binary(ProxyHeaders.Local, 0x00, []), null },
        { "v2 local with addresses", ProxyHeaders.Binary(ProxyHeaders.Local, 0x11, ProxyHeaders.Addresses("192.0.2.1", "198.51.100.7")), null },
        { "v2 unspecified", ProxyHeaders.Binary(ProxyHeaders.Proxied, 0x00, []), null },
        { "v2 datagram", ProxyHeaders.Binary(ProxyHeaders.Proxied, 0x12, ProxyHeaders.Addresses("192.0.2.1", "198.51.100.7")), null },
        { "v2 Unix socket", ProxyHeaders.Binary(ProxyHeaders.Proxied, 0x31, new byte[216]), null },
    };

    public static TheoryData<string, byte[]> Refused => new()
    {
        { "family", ProxyHeaders.Line("TCP5 192.0.2.1 198.51.100.7 4711 443") },
        { "lower case", ProxyHeaders.Line("tcp4 192.0.2.1 198.51.100.7 4711 443") },
        { "address of the other family", ProxyHeaders.Line("TCP4 2001:db8::1 2001:db8::2 4711 443") },
        { "IPv4 as TCP6", ProxyHeaders.Line("TCP6 192.0.2.1 198.51.100.7 4711 443") },
        { "bad destination", ProxyHeaders.Line("TCP4 192.0.2.1 nowhere 4711 443") },
        { "no ports", ProxyHeaders.Line("TCP4 192.0.2.1 198.51.100.7") },
        { "large port", ProxyHeaders.Line("TCP4 192.0.2.1 198.51.100.7 65536 443") },
        { "port with a zero", ProxyHeaders.Line("TCP4 192.0.2.1 198.51.100.7 04711 443") },
        { "two spaces", ProxyHeaders.Line("TCP4  192.0.2.1 198.51.100.7 4711 443") },
        { "more text", ProxyHeaders.Line("TCP4 192.0.2.1 198.51.100.7 4711 443 ") },
        { "nothing", ProxyHeaders.Line("") },
        { "too long", Encoding.ASCII.GetBytes("PROXY UNKNOWN" + new string(' ', 94)) },
        { "v2 version", ProxyHeaders.Binary(0x31, 0x11, ProxyHeaders.Addresses("192.0.2.1", "198.51.100.7")) },
        { "v2 command", ProxyHeaders.Binary(0x22, 0x11, ProxyHeaders.Addresses("192.0.2.1", "198.51.100.7")) },
        { "v2 short IPv4", ProxyHeaders.Binary(ProxyHeaders.Proxied, 0x11, new byte[11]) },
        { "v2 short IPv6", ProxyHeaders.Binary(ProxyHeaders.Proxied, 0x21, new byte[35]) },
        { "v2 too long", ProxyHeaders.Binary(ProxyHeaders.Proxied, 0x11, [], length: 4_097) },
        { "v2 local too long", ProxyHeaders.Binary(ProxyHeaders.Local, 0x00, [], length: ushort.MaxValue) },
    };

    [Theory]
    [MemberData(nameof(Accepted))]
    public void Header_gives_the_client_however_it_is_cut(string name, byte[] header, string? client)
    {
        byte[] stream = [.. header, .. Encoding.ASCII.GetBytes(Request)];
        foreach (SplitBytesCase split in SplitBytes.Of(stream))
        {
            foreach (ReadOnlyMemory<byte> received in split.Growing().Where(static received => !received.IsEmpty))
            {
                OperationStatus status = ProxyHeader.Parse(received.Span, out int consumed, out ProxyHeader read);
                if (received.Length < header.Length)
                {
                    Assert.Equal((OperationStatus.NeedMoreData, 0), (status, consumed));
                    continue;
                }

                Assert.True(status == OperationStatus.Done && consumed == header.Length, $"{name}, {split}: {status} {consumed}");
                Assert.Equal(client is null ? default : new ProxyHeader(true, AddressTextTests.ValueOf(client), 4711), read);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Refused))]
    public void Malformed_header_is_refused_however_it_is_cut(string name, byte[] header)
    {
        foreach (SplitBytesCase split in SplitBytes.Of(header))
        {
            Assert.True(
                split.Growing().Select(static received => ProxyHeader.Parse(received.Span, out _, out _)).Last() == OperationStatus.InvalidData, $"{name}, {split}");
        }
    }

    [Theory]
    [InlineData("GET / HTTP/1.1")]
    [InlineData("POST / HTTP/1.1")]
    [InlineData("PRI * HTTP/2.0")]
    [InlineData("PROXYA")]
    [InlineData("proxy TCP4")]
    [InlineData("\r\nGET / HTTP/1.1")]
    [InlineData("\r\n\r\nGET / HTTP/1.1")]
    [InlineData("\u0016\u0003\u0001")]
    public void Other_bytes_are_no_header(string text)
    {
        byte[] bytes = Encoding.Latin1.GetBytes(text);

        Assert.Equal(OperationStatus.Done, ProxyHeader.Parse(bytes, out int consumed, out _));
        Assert.Equal(0, consumed);
    }

    [Fact]
    public void First_byte_excludes_other_requests()
    {
        Assert.Equal([(byte)'\r', (byte)'P'], Enumerable.Range(0, 256).Select(static value => (byte)value).Where(ProxyHeader.MayBeginWith));
    }

    [Fact]
    public void Longest_header_is_read()
    {
        byte[] header = ProxyHeaders.Binary(ProxyHeaders.Proxied, 0x11, ProxyHeaders.Addresses("192.0.2.1", "198.51.100.7", tlvs: 4_096 - 12));

        Assert.Equal(OperationStatus.Done, ProxyHeader.Parse(header, out int consumed, out _));
        Assert.Equal(ProxyHeader.MaxLength, consumed);
    }
}
