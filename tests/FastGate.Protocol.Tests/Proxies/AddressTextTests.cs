using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;
using FastGate.Protocol.Proxies;

namespace FastGate.Protocol.Tests.Proxies;

/// <summary>Addresses as text, compared with the framework's parser.</summary>
public sealed class AddressTextTests
{
    [Theory]
    [InlineData("0.0.0.0")]
    [InlineData("192.0.2.1")]
    [InlineData("255.255.255.255")]
    [InlineData("::")]
    [InlineData("::1")]
    [InlineData("1::")]
    [InlineData("2001:db8::8a2e:370:7334")]
    [InlineData("2001:DB8:0:0:1:0:0:1")]
    [InlineData("1:2:3:4:5:6:7::")]
    [InlineData("::2:3:4:5:6:7:8")]
    [InlineData("::ffff:192.0.2.1")]
    [InlineData("64:ff9b::192.0.2.33")]
    [InlineData("1:2:3:4:5:6:192.0.2.33")]
    [InlineData("fe80::0001")]
    public void Address_has_the_value_of_the_framework(string text)
    {
        Assert.True(AddressText.TryRead(Encoding.ASCII.GetBytes(text), out UInt128 address));
        Assert.Equal(ValueOf(text), address);
    }

    [Theory]
    [InlineData("")]
    [InlineData("1.2.3")]
    [InlineData("1.2.3.4.5")]
    [InlineData("1.2.3.")]
    [InlineData(".1.2.3")]
    [InlineData("1.2..4")]
    [InlineData("256.1.1.1")]
    [InlineData("01.2.3.4")]
    [InlineData("1.2.3.4 ")]
    [InlineData("+1.2.3.4")]
    [InlineData("0x1.2.3.4")]
    [InlineData("16909060")]
    [InlineData(":")]
    [InlineData(":::")]
    [InlineData("1:")]
    [InlineData(":1")]
    [InlineData("1::2::3")]
    [InlineData("1:2:3:4:5:6:7")]
    [InlineData("1:2:3:4:5:6:7:8:9")]
    [InlineData("1:2:3:4:5:6:7:8::")]
    [InlineData("::1:2:3:4:5:6:7:8")]
    [InlineData("12345::")]
    [InlineData("g::")]
    [InlineData("::1.2.3")]
    [InlineData("::1.2.3.4:5")]
    [InlineData("1:2:3:4:5:6:7:1.2.3.4")]
    [InlineData("fe80::1%eth0")]
    [InlineData("[::1]")]
    [InlineData("example.org")]
    public void Anything_else_is_no_address(string text) => Assert.False(AddressText.TryRead(Encoding.ASCII.GetBytes(text), out _));

    [Fact]
    public void Random_addresses_have_the_value_of_the_framework()
    {
        var random = new Random(7);
        byte[] bytes = new byte[16];
        for (int i = 0; i < 5_000; i++)
        {
            random.NextBytes(bytes);
            for (int at = 0; at < bytes.Length; at++)
            {
                // Zeros make the framework's text use the double colon.
                bytes[at] = random.Next(3) == 0 ? bytes[at] : (byte)0;
            }

            string text = new IPAddress(i % 4 == 0 ? bytes[..4] : bytes).ToString();
            Assert.True(AddressText.TryRead(Encoding.ASCII.GetBytes(text), out UInt128 address), text);
            Assert.Equal(ValueOf(text), address);
        }
    }

    [Fact]
    public void Mutated_text_is_accepted_only_where_the_framework_accepts_it()
    {
        const string Letters = "0123456789abcdefF:.% []";
        string[] seeds = ["2001:db8::8a2e:370:7334", "::ffff:192.0.2.1", "1:2:3:4:5:6:7:8", "192.0.2.1", "::"];
        var random = new Random(11);
        for (int i = 0; i < 20_000; i++)
        {
            var text = new StringBuilder(seeds[random.Next(seeds.Length)]);
            for (int change = random.Next(4); change >= 0; change--)
            {
                text.Insert(random.Next(text.Length + 1), Letters[random.Next(Letters.Length)]);
                text.Remove(random.Next(text.Length), 1);
            }

            string mutated = text.ToString();
            if (AddressText.TryRead(Encoding.ASCII.GetBytes(mutated), out UInt128 address))
            {
                Assert.Equal(ValueOf(mutated), address);
            }
        }
    }

    [Theory]
    [InlineData("192.0.2.1", "192.0.2.1")]
    [InlineData(" 192.0.2.1\t", "192.0.2.1")]
    [InlineData("192.0.2.1:4711", "192.0.2.1")]
    [InlineData("\"192.0.2.1:4711\"", "192.0.2.1")]
    [InlineData("192.0.2.1:_port", "192.0.2.1")]
    [InlineData("2001:db8::1", "2001:db8::1")]
    [InlineData("[2001:db8::1]", "2001:db8::1")]
    [InlineData("[2001:db8::1]:4711", "2001:db8::1")]
    [InlineData("\"[2001:db8::1]:4711\"", "2001:db8::1")]
    [InlineData("unknown", null)]
    [InlineData("_hidden", null)]
    [InlineData("\"_SEVKISEK\"", null)]
    [InlineData("", null)]
    [InlineData("\"", null)]
    [InlineData("192.0.2.1:", null)]
    [InlineData("192.0.2.1:99999", null)]
    [InlineData("[2001:db8::1", null)]
    [InlineData("[2001:db8::1]4711", null)]
    [InlineData("[192.0.2.1]", null)]
    [InlineData("192.0.2.1, 192.0.2.2", null)]
    public void Reported_node_may_have_a_port_brackets_and_quotes(string text, string? expected)
    {
        Assert.Equal(expected is not null, AddressText.TryReadNode(Encoding.ASCII.GetBytes(text), out UInt128 address));
        if (expected is not null)
        {
            Assert.Equal(ValueOf(expected), address);
        }
    }

    internal static UInt128 ValueOf(string text)
    {
        var address = IPAddress.Parse(text);
        return BinaryPrimitives.ReadUInt128BigEndian((address.AddressFamily == AddressFamily.InterNetwork ? address.MapToIPv6() : address).GetAddressBytes());
    }
}
