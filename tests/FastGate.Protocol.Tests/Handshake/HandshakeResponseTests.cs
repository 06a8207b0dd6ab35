using System.Buffers;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using FastGate.Protocol.Handshake;

namespace FastGate.Protocol.Tests.Handshake;

public class HandshakeResponseTests
{
    public static TheoryData<HandshakeError> Refusals => [.. Enum.GetValues<HandshakeError>().Where(e => e != HandshakeError.None)];

    [Fact]
    public void The_accept_key_is_that_of_the_rfc()
    {
        var output = new ArrayBufferWriter<byte>();
        HandshakeResponse.WriteAccept(output, "dGhlIHNhbXBsZSBub25jZQ=="u8);
        Assert.Equal(
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            + "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n",
            Requests.Text(output.WrittenSpan));
    }

    [Fact]
    public void The_accept_key_of_any_key_is_the_hash_of_key_and_suffix()
    {
        Span<byte> accept = new byte[HandshakeResponse.AcceptKeyLength].AsSpan();
        for (int seed = 0; seed < 100; seed++)
        {
            byte[] bytes = new byte[16];
            new Random(seed).NextBytes(bytes);
            string key = Convert.ToBase64String(bytes);
#pragma warning disable CA5350 // The protocol's own hash.
            string expected = Convert.ToBase64String(SHA1.HashData(Encoding.ASCII.GetBytes(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11")));
#pragma warning restore CA5350
            accept.Clear();
            HandshakeResponse.WriteAcceptKey(Encoding.ASCII.GetBytes(key), accept);
            Assert.Equal(expected, Requests.Text(accept));
        }
    }

    [Fact]
    public void A_key_of_another_length_or_a_short_destination_is_a_bug_of_the_caller()
    {
        Assert.Throws<ArgumentException>(() => HandshakeResponse.WriteAcceptKey("short"u8, new byte[28]));
        Assert.Throws<ArgumentException>(() => HandshakeResponse.WriteAcceptKey("dGhlIHNhbXBsZSBub25jZQ=="u8, new byte[27]));
        Assert.Throws<ArgumentOutOfRangeException>(() => HandshakeResponse.WriteRefusal(new ArrayBufferWriter<byte>(), HandshakeError.None));
    }

    [Fact]
    public void A_plain_request_gets_the_running_page()
    {
        Assert.Equal(
            "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Type: text/plain\r\nContent-Length: 18\r\n\r\nServer is running\n",
            Write(HandshakeError.NotUpgrade));
        Assert.Equal(
            "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Type: text/plain\r\nContent-Length: 18\r\n\r\n",
            Write(HandshakeError.NotUpgrade, isHead: true));
    }

    [Theory]
    [MemberData(nameof(Refusals))]
    public void Each_refusal_is_whole_http_that_closes(HandshakeError error)
    {
        string text = Write(error);
        string head = text[..text.IndexOf("\r\n\r\n", StringComparison.Ordinal)];
        string body = text[(head.Length + 4)..];
        Assert.StartsWith($"HTTP/1.1 {error.HttpStatus()} ", head, StringComparison.Ordinal);
        Assert.Contains(error.HttpStatus() == 426 ? "\r\nConnection: close, Upgrade\r\n" : "\r\nConnection: close\r\n", head, StringComparison.Ordinal);
        Assert.Contains($"\r\nContent-Length: {body.Length}", head, StringComparison.Ordinal);
        Assert.Equal(Requests.Text(error.Reason()) + "\n", body);
        Assert.True(Enum.IsDefined((HttpStatusCode)error.HttpStatus()));
        Assert.Equal(head + "\r\n\r\n", Write(error, isHead: true));
    }

    [Theory]
    [InlineData(HandshakeError.MethodNotAllowed, "Allow: GET, HEAD")]
    [InlineData(HandshakeError.MissingVersion, "Upgrade: websocket\r\nSec-WebSocket-Version: 13")]
    [InlineData(HandshakeError.UnsupportedVersion, "Upgrade: websocket\r\nSec-WebSocket-Version: 13")]
    [InlineData(HandshakeError.NotAuthorized, "WWW-Authenticate: Bearer")]
    [InlineData(HandshakeError.Draining, "Retry-After: 7")]
    public void Some_refusals_say_what_would_do(HandshakeError error, string header) =>
        Assert.Contains("\r\n" + header + "\r\n\r\n", Write(error, retryAfter: 7), StringComparison.Ordinal);

    private static string Write(HandshakeError error, bool isHead = false, int retryAfter = 5)
    {
        var output = new ArrayBufferWriter<byte>();
        HandshakeResponse.WriteRefusal(output, error, isHead, retryAfter);
        return Requests.Text(output.WrittenSpan);
    }
}
