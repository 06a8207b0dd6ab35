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
    public void Accept_key_matches_the_example_of_the_rfc()
    {
        var output = new ArrayBufferWriter<byte>();
        HandshakeResponse.WriteAccept(output, "dGhlIHNhbXBsZSBub25jZQ=="u8);
        Assert.Equal(
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            + "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n",
            Requests.Text(output.WrittenSpan));
    }

    [Fact]
    public void Accept_key_is_the_hash_of_key_and_guid()
    {
        Span<byte> accept = new byte[HandshakeResponse.AcceptKeyLength].AsSpan();
        for (int seed = 0; seed < 1_000; seed++)
        {
            byte[] bytes = new byte[16];
            new Random(seed).NextBytes(bytes);
            string key = Convert.ToBase64String(bytes);
#pragma warning disable CA5350 // RFC 6455 requires SHA-1.
            string expected = Convert.ToBase64String(SHA1.HashData(Encoding.ASCII.GetBytes(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11")));
#pragma warning restore CA5350
            accept.Clear();
            HandshakeResponse.WriteAcceptKey(Encoding.ASCII.GetBytes(key), accept);
            Assert.Equal(expected, Requests.Text(accept));
        }
    }

    [Fact]
    public void Write_accept_key_throws_for_a_wrong_key_length_or_a_short_destination()
    {
        Assert.Throws<ArgumentException>(() => HandshakeResponse.WriteAcceptKey("short"u8, new byte[28]));
        Assert.Throws<ArgumentException>(() => HandshakeResponse.WriteAcceptKey("dGhlIHNhbXBsZSBub25jZQ=="u8, new byte[27]));
        Assert.Throws<ArgumentOutOfRangeException>(() => HandshakeResponse.WriteRefusal(new ArrayBufferWriter<byte>(), HandshakeError.None));
    }

    [Fact]
    public void Browser_gets_200_with_the_same_first_line_and_the_port_for_it()
    {
        var output = new ArrayBufferWriter<byte>();
        HandshakeResponse.WriteBrowserNotice(output, 8003);
        string[] parts = Encoding.UTF8.GetString(output.WrittenSpan).Split("\r\n\r\n");
        Assert.Equal(
            $"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Type: text/plain; charset=utf-8\r\nX-Content-Type-Options: nosniff\r\nContent-Length: {Encoding.UTF8.GetByteCount(parts[1])}",
            parts[0]);
        Assert.StartsWith("Server is running\n", parts[1], StringComparison.Ordinal);
        Assert.Contains("open port 8003 of this server", parts[1], StringComparison.Ordinal);
        Assert.EndsWith("\n", parts[1], StringComparison.Ordinal);
    }

    [Fact]
    public void Plain_request_gets_200()
    {
        Assert.Equal(
            "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Type: text/plain\r\nX-Content-Type-Options: nosniff\r\nContent-Length: 18\r\n\r\nServer is running\n",
            Write(HandshakeError.NotUpgrade));
        Assert.Equal(
            "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Type: text/plain\r\nX-Content-Type-Options: nosniff\r\nContent-Length: 18\r\n\r\n",
            Write(HandshakeError.NotUpgrade, isHead: true));
    }

    [Theory]
    [MemberData(nameof(Refusals))]
    public void Each_refusal_is_a_complete_response_that_closes(HandshakeError error)
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
    [InlineData(HandshakeError.TooManyConnects, "Retry-After: 7")]
    public void Refusals_have_their_required_headers(HandshakeError error, string header) =>
        Assert.Contains("\r\n" + header + "\r\n\r\n", Write(error, retryAfter: 7), StringComparison.Ordinal);

    private static string Write(HandshakeError error, bool isHead = false, int retryAfter = 5)
    {
        var output = new ArrayBufferWriter<byte>();
        HandshakeResponse.WriteRefusal(output, error, isHead, retryAfter);
        return Requests.Text(output.WrittenSpan);
    }
}
