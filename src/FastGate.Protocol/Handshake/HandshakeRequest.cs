using System.Text;

namespace FastGate.Protocol.Handshake;

/// <summary>The fields of a parsed request, as slices of the received bytes; nothing is copied or decoded.</summary>
/// <remarks>Header values are trimmed of white space and are empty when absent; of a repeated header, the first value.</remarks>
public readonly ref struct HandshakeRequest
{
    private readonly ref readonly HandshakeParser _parser;
    private readonly ReadOnlySpan<byte> _received;

    internal HandshakeRequest(in HandshakeParser parser, ReadOnlySpan<byte> received)
    {
        _parser = ref parser;
        _received = received;
    }

    /// <summary>The method as sent; methods are case-sensitive (RFC 9110 section 9.1).</summary>
    public ReadOnlySpan<byte> Method => _received.Slice(_parser.MethodStart, _parser.MethodLength);

    /// <summary>The target as sent; the part before the error when parsing failed inside the target.</summary>
    public ReadOnlySpan<byte> Target => _received.Slice(_parser.TargetStart, _parser.TargetLength);

    /// <summary>The version as sent, for example <c>HTTP/1.1</c>; empty while unknown.</summary>
    public ReadOnlySpan<byte> Version => _parser.HasVersion ? _received.Slice(_parser.HeadersStart - 10, 8) : default;

    /// <summary>The digit after <c>HTTP/1.</c>.</summary>
    public int MinorVersion => _parser.MinorVersion;

    /// <summary>
    /// The path of the target, percent-encoded; of an absolute URI the part after the authority (RFC 9112 section 3.2.2), at least <c>/</c>.
    /// Empty when the target is neither a path nor an absolute URI.
    /// </summary>
    public ReadOnlySpan<byte> Path => RequestTarget.Path(Target);

    /// <summary>The query of the target without the question mark, percent-encoded; empty when there is none.</summary>
    public ReadOnlySpan<byte> Query => RequestTarget.Query(Target);

    /// <summary>Number of header lines.</summary>
    public int HeaderCount => _parser.HeaderCount;

    /// <summary><c>Host</c>.</summary>
    public ReadOnlySpan<byte> Host => Header(KnownHeader.Host);

    /// <summary><c>Upgrade</c>.</summary>
    public ReadOnlySpan<byte> Upgrade => Header(KnownHeader.Upgrade);

    /// <summary><c>Connection</c>.</summary>
    public ReadOnlySpan<byte> Connection => Header(KnownHeader.Connection);

    /// <summary><c>Sec-WebSocket-Key</c>.</summary>
    public ReadOnlySpan<byte> WebSocketKey => Header(KnownHeader.WebSocketKey);

    /// <summary><c>Sec-WebSocket-Version</c>.</summary>
    public ReadOnlySpan<byte> WebSocketVersion => Header(KnownHeader.WebSocketVersion);

    /// <summary><c>Sec-WebSocket-Protocol</c>.</summary>
    public ReadOnlySpan<byte> WebSocketProtocol => Header(KnownHeader.WebSocketProtocol);

    /// <summary><c>Sec-WebSocket-Extensions</c>.</summary>
    public ReadOnlySpan<byte> WebSocketExtensions => Header(KnownHeader.WebSocketExtensions);

    /// <summary><c>Authorization</c>: a secret, never log it.</summary>
    public ReadOnlySpan<byte> Authorization => Header(KnownHeader.Authorization);

    /// <summary><c>Protocol-Version</c>: the version of the device's audio framing.</summary>
    public ReadOnlySpan<byte> ProtocolVersion => Header(KnownHeader.ProtocolVersion);

    /// <summary><c>X-Real-IP</c>.</summary>
    public ReadOnlySpan<byte> XRealIp => Header(KnownHeader.XRealIp);

    /// <summary><c>X-Forwarded-For</c>.</summary>
    public ReadOnlySpan<byte> XForwardedFor => Header(KnownHeader.XForwardedFor);

    /// <summary><c>Content-Length</c>.</summary>
    public ReadOnlySpan<byte> ContentLength => Header(KnownHeader.ContentLength);

    /// <summary><c>Transfer-Encoding</c>.</summary>
    public ReadOnlySpan<byte> TransferEncoding => Header(KnownHeader.TransferEncoding);

    /// <summary><c>User-Agent</c>.</summary>
    public ReadOnlySpan<byte> UserAgent => Header(KnownHeader.UserAgent);

    /// <summary><c>Origin</c>.</summary>
    public ReadOnlySpan<byte> Origin => Header(KnownHeader.Origin);

    /// <summary><c>Accept-Language</c>.</summary>
    public ReadOnlySpan<byte> AcceptLanguage => Header(KnownHeader.AcceptLanguage);

    /// <summary><c>device-id</c>.</summary>
    public ReadOnlySpan<byte> DeviceId => Header(KnownHeader.DeviceId);

    /// <summary><c>client-id</c>.</summary>
    public ReadOnlySpan<byte> ClientId => Header(KnownHeader.ClientId);

    /// <summary>The names of all header lines in order, for diagnostics. Values are left out because some are secrets.</summary>
    public HeaderNameEnumerator HeaderNames => new(Lines);

    /// <summary>True when <c>Accept</c> names <c>text/html</c>, as only browsers do. Scans the lines and allocates: not for devices.</summary>
    public bool AcceptsHtml
    {
        get
        {
            foreach (Range line in Lines.Split("\r\n"u8))
            {
                ReadOnlySpan<byte> text = Lines[line];
                if (Ascii.EqualsIgnoreCase(text[..Math.Min(text.Length, 7)], "accept:"u8) && Encoding.Latin1.GetString(text).Contains("text/html", StringComparison.OrdinalIgnoreCase))
                {
                    return true;
                }
            }

            return false;
        }
    }

    /// <summary>All whole header lines, line ends included.</summary>
    internal ReadOnlySpan<byte> Lines => _received[_parser.HeadersStart.._parser.HeadersEnd];

    internal ReadOnlySpan<byte> Header(KnownHeader header)
    {
        uint slot = _parser.Slot(header);
        return TrimSpace(_received.Slice((int)(slot >> 16), (int)(slot & 0xFFFF)));
    }

    internal bool Has(KnownHeader header) => _parser.Slot(header) != 0;

    internal bool IsRepeated(KnownHeader header) => _parser.IsRepeated(header);

    /// <summary>The values of all lines of <paramref name="header"/> in order. Scans the lines again, so use it only for repeated headers.</summary>
    internal HeaderValueEnumerator Values(KnownHeader header) => new(Lines, header);

    // Optional white space (RFC 9110 section 5.6.3): usually one leading space.
    private static ReadOnlySpan<byte> TrimSpace(ReadOnlySpan<byte> value)
    {
        if (value.Length > 1 && value[0] == ' ')
        {
            value = value[1..];
        }

        return value.IsEmpty || (value[0] > ' ' && value[^1] > ' ') ? value : value.Trim(" \t"u8);
    }
}
