using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace FastGate.Protocol.Handshake;

/// <summary>Writes the response to a handshake.</summary>
public static class HandshakeResponse
{
    /// <summary>Length of an accept key in bytes: 20 bytes of SHA-1 in base64.</summary>
    public const int AcceptKeyLength = 28;

    private const int KeyLength = 24;

    // RFC 6455 section 1.3.
    private static ReadOnlySpan<byte> KeySuffix => "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"u8;

    private static ReadOnlySpan<byte> AcceptHead =>
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: "u8;

    private static ReadOnlySpan<byte> BlankLine => "\r\n\r\n"u8;

    /// <summary>Writes the 101 (RFC 6455 section 4.2.2). Budget: no allocation; enforced by <c>HandshakeAllocationTests</c>.</summary>
    /// <param name="output">Where to write; the caller flushes.</param>
    /// <param name="key">The key of the request.</param>
    /// <param name="deflate">What <see cref="DeflateOffer"/> has accepted.</param>
    public static void WriteAccept(IBufferWriter<byte> output, ReadOnlySpan<byte> key, DeflateTerms deflate = default)
    {
        if (deflate.IsAccepted)
        {
            WriteAcceptDeflate(output, key, deflate);
            return;
        }

        int length = AcceptHead.Length + AcceptKeyLength + BlankLine.Length;
        Span<byte> span = output.GetSpan(length);
        AcceptHead.CopyTo(span);
        WriteAcceptKey(key, span[AcceptHead.Length..]);
        BlankLine.CopyTo(span[(AcceptHead.Length + AcceptKeyLength)..]);
        output.Advance(length);
    }

    // A server that was offered server_max_window_bits accepts by naming it (RFC 7692 section 7.1.2.1); some clients need their own window confirmed
    // (section 7.1.2.2). The other two parameters need no offer.
    private static void WriteAcceptDeflate(IBufferWriter<byte> output, ReadOnlySpan<byte> key, DeflateTerms terms)
    {
        Span<byte> accept = stackalloc byte[AcceptKeyLength];
        WriteAcceptKey(key, accept);
        output.Write(AcceptHead);
        output.Write(accept);
        output.Write("\r\nSec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover; client_no_context_takeover"u8);
        if (terms.IsWindowNamed)
        {
            output.Write("; server_max_window_bits="u8);
            WriteNumber(output, terms.WindowBits);
        }

        if (terms.ClientWindowBits != 0)
        {
            output.Write("; client_max_window_bits="u8);
            WriteNumber(output, terms.ClientWindowBits);
        }

        output.Write(BlankLine);
    }

    /// <summary>Writes the accept key of <paramref name="key"/>: base64(SHA-1(key + GUID)) (RFC 6455 section 4.2.2).</summary>
    /// <exception cref="ArgumentException">The key does not have 24 characters, or the destination is too short.</exception>
    public static void WriteAcceptKey(ReadOnlySpan<byte> key, Span<byte> destination)
    {
        if (key.Length != KeyLength)
        {
            throw new ArgumentException("The key must have 24 characters.", nameof(key));
        }

        Span<byte> input = stackalloc byte[AcceptKeyHash.InputLength];
        key.CopyTo(input);
        KeySuffix.CopyTo(input[KeyLength..]);
        Span<byte> hash = stackalloc byte[20];
        AcceptKeyHash.Compute(input, hash);
        if (Base64.EncodeToUtf8(hash, destination, out _, out _) != OperationStatus.Done)
        {
            throw new ArgumentException("The destination is too short.", nameof(destination));
        }
    }

    /// <summary>
    /// Writes the response to a request that is not upgraded: a refusal, or a 200 for a request without an upgrade. The response to a
    /// HEAD request has no body; <c>Retry-After</c> is sent with <see cref="HandshakeError.Draining"/> and
    /// <see cref="HandshakeError.TooManyConnects"/>. The caller closes the connection after it.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The error is None or unknown, or the seconds are negative.</exception>
    public static void WriteRefusal(IBufferWriter<byte> output, HandshakeError error, bool isHead = false, int retryAfterSeconds = 5)
    {
        ArgumentOutOfRangeException.ThrowIfEqual((int)error, (int)HandshakeError.None);
        ArgumentOutOfRangeException.ThrowIfNegative(retryAfterSeconds);
        int status = error.HttpStatus();
        ReadOnlySpan<byte> reason = error.Reason();

        output.Write("HTTP/1.1 "u8);
        output.Write(StatusLine(status));
        // A response with Upgrade must also list it in Connection (RFC 9110 section 7.8).
        output.Write(status == 426 ? "\r\nConnection: close, Upgrade"u8 : "\r\nConnection: close"u8);
        output.Write("\r\nContent-Type: text/plain\r\nX-Content-Type-Options: nosniff\r\nContent-Length: "u8);
        // The body ends with a line feed, for use on a terminal.
        WriteNumber(output, reason.Length + 1);
        switch (status)
        {
            case 401:
                output.Write("\r\nWWW-Authenticate: Bearer"u8);
                break;
            case 405:
                output.Write("\r\nAllow: GET, HEAD"u8);
                break;
            case 426:
                output.Write("\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13"u8);
                break;
            case 429 or 503:
                output.Write("\r\nRetry-After: "u8);
                WriteNumber(output, retryAfterSeconds);
                break;
        }

        output.Write(BlankLine);
        if (!isHead)
        {
            output.Write(reason);
            output.Write("\n"u8);
        }
    }

    /// <summary>
    /// Writes the response to a browser that opened this port: the same status and first line as for <see cref="HandshakeError.NotUpgrade"/>, and
    /// where a person finds more. The caller closes the connection after it.
    /// </summary>
    /// <param name="output">Where to write; the caller flushes.</param>
    /// <param name="httpPort">The port of the public HTTP listener.</param>
    public static void WriteBrowserNotice(IBufferWriter<byte> output, int httpPort)
    {
        byte[] body = Encoding.UTF8.GetBytes(string.Create(
            CultureInfo.InvariantCulture,
            $"""
            Server is running
            This port is for devices, not for browsers: open port {httpPort} of this server instead.
            此端口供设备连接，不能用浏览器访问。请用浏览器打开这台服务器的 {httpPort} 端口。

            """));
        output.Write("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Type: text/plain; charset=utf-8\r\nX-Content-Type-Options: nosniff\r\nContent-Length: "u8);
        WriteNumber(output, body.Length);
        output.Write(BlankLine);
        output.Write(body);
    }

    private static void WriteNumber(IBufferWriter<byte> output, int value)
    {
        const int MaxDigits = 10;
        Utf8Formatter.TryFormat(value, output.GetSpan(MaxDigits), out int written);
        output.Advance(written);
    }

    private static ReadOnlySpan<byte> StatusLine(int status) => status switch
    {
        200 => "200 OK"u8,
        400 => "400 Bad Request"u8,
        401 => "401 Unauthorized"u8,
        403 => "403 Forbidden"u8,
        405 => "405 Method Not Allowed"u8,
        414 => "414 URI Too Long"u8,
        426 => "426 Upgrade Required"u8,
        429 => "429 Too Many Requests"u8,
        431 => "431 Request Header Fields Too Large"u8,
        503 => "503 Service Unavailable"u8,
        505 => "505 HTTP Version Not Supported"u8,
        _ => throw new ArgumentOutOfRangeException(nameof(status), status, null),
    };
}
