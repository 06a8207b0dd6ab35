using System.Buffers;
using System.Security.Cryptography;
using FastGate.Transport.Tls;

namespace FastGate.Tests.Transport;

public sealed class ClientHelloTests
{
    // TLS 1.3 of OpenSSL 3: server name gate.example, ECDSA and RSA schemes.
    private static readonly byte[] s_hello = Build("gate.example", [0x04, 0x03, 0x08, 0x04], [0x03, 0x04, 0x03, 0x03]);

    [Fact]
    public void Every_prefix_needs_more_data()
    {
        for (int length = 0; length < s_hello.Length; length++)
        {
            Assert.Equal(OperationStatus.NeedMoreData, ClientHello.Read(s_hello.AsSpan(0, length), out _, out _));
        }
    }

    [Fact]
    public void Name_schemes_and_versions_are_read()
    {
        Assert.Equal(OperationStatus.Done, ClientHello.Read([.. s_hello, 1, 2, 3], out ClientHello hello, out int length));
        Assert.Equal((new ClientHello("gate.example", true, true), s_hello.Length), (hello, length));
    }

    [Theory]
    [InlineData(new byte[] { 0x08, 0x04, 0x04, 0x01 }, new byte[] { 0x03, 0x03 }, false, true)]
    [InlineData(new byte[] { 0x06, 0x03 }, new byte[] { 0x03, 0x02, 0x03, 0x01 }, true, false)]
    [InlineData(new byte[] { 0x08, 0x07 }, new byte[] { 0x3A, 0x3A, 0x03, 0x04 }, false, true)]
    public void What_the_client_offers_is_known(byte[] schemes, byte[] versions, bool acceptsEcdsa, bool offersTls12)
    {
        Assert.Equal(OperationStatus.Done, ClientHello.Read(Build("a", schemes, versions), out ClientHello hello, out _));
        Assert.Equal((acceptsEcdsa, offersTls12), (hello.AcceptsEcdsa, hello.OffersTls12));
    }

    /// <summary>With TLS 1.2 the suite names the kind of key: a client may verify ECDSA signatures and offer only suites for RSA keys.</summary>
    [Theory]
    [InlineData(0xC02F, false)]
    [InlineData(0x009C, false)]
    [InlineData(0xC024, true)]
    [InlineData(0x1303, true)]
    public void Ecdsa_needs_a_suite_that_has_it(int suite, bool expected)
    {
        Assert.Equal(OperationStatus.Done, ClientHello.Read(Build("a", [0x04, 0x03], [0x03, 0x03], suite), out ClientHello hello, out _));
        Assert.Equal(expected, hello.AcceptsEcdsa);
    }

    [Theory]
    [InlineData(new byte[] { 0x17 })]
    [InlineData(new byte[] { 0x16, 0x04 })]
    [InlineData(new byte[] { 0x16, 0x03, 0x01, 0x00, 0x03 })]
    [InlineData(new byte[] { 0x16, 0x03, 0x01, 0x40, 0x01 })]
    [InlineData(new byte[] { 0x16, 0x03, 0x01, 0x01, 0x00, 0x02 })]
    public void What_cannot_begin_tls_is_invalid_at_once(byte[] bytes) =>
        Assert.Equal(OperationStatus.InvalidData, ClientHello.Read(bytes, out _, out _));

    [Fact]
    public void A_broken_message_is_left_to_the_library()
    {
        for (int at = 6; at < s_hello.Length; at++)
        {
            byte[] broken = [.. s_hello];
            broken[at] ^= 0xFF;
            Assert.Equal(OperationStatus.Done, ClientHello.Read(broken, out _, out int length));
            Assert.Equal(s_hello.Length, length);
        }
    }

    private static byte[] Build(string name, byte[] schemes, byte[] versions, int suite = 0xC02B)
    {
        byte[] host = System.Text.Encoding.ASCII.GetBytes(name);
        byte[] extensions =
        [
            .. Extension(0x7A7A, []),
            .. Extension(0, [.. Number(host.Length + 3), 0, .. Number(host.Length), .. host]),
            .. Extension(13, [.. Number(schemes.Length), .. schemes]),
            .. Extension(43, [(byte)versions.Length, .. versions]),
        ];
        byte[] body = [3, 3, .. RandomNumberGenerator.GetBytes(32), 32, .. new byte[32], .. Number(4), 0x00, 0xFF, .. Number(suite), 1, 0, .. Number(extensions.Length), .. extensions];
        byte[] message = [1, 0, .. Number(body.Length), .. body];
        return [0x16, 3, 1, .. Number(message.Length), .. message];
    }

    private static byte[] Extension(int type, byte[] content) => [.. Number(type), .. Number(content.Length), .. content];

    private static byte[] Number(int value) => [(byte)(value >> 8), (byte)value];
}
