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

    /// <summary>The target as sent; the part before the error when parsing failed inside the target.</summary>
    public ReadOnlySpan<byte> Target => _received.Slice(_parser._targetStart, _parser._targetLength);

    /// <summary><c>Sec-WebSocket-Key</c>.</summary>
    public ReadOnlySpan<byte> WebSocketKey => Header(KnownHeader.WebSocketKey);

    /// <summary><c>Authorization</c>: a secret, never log it.</summary>
    public ReadOnlySpan<byte> Authorization => Header(KnownHeader.Authorization);

    /// <summary><c>X-Real-IP</c>.</summary>
    public ReadOnlySpan<byte> XRealIp => Header(KnownHeader.XRealIp);

    /// <summary><c>X-Forwarded-For</c>.</summary>
    public ReadOnlySpan<byte> XForwardedFor => Header(KnownHeader.XForwardedFor);

    /// <summary><c>Accept-Language</c>.</summary>
    public ReadOnlySpan<byte> AcceptLanguage => Header(KnownHeader.AcceptLanguage);

    /// <summary><c>Origin</c>, which browsers send: the site of the page that opens the connection.</summary>
    public ReadOnlySpan<byte> Origin => Header(KnownHeader.Origin);

    /// <summary>The method as sent; methods are case-sensitive (RFC 9110 section 9.1).</summary>
    public ReadOnlySpan<byte> Method => _received.Slice(_parser._methodStart, _parser._methodLength);

    /// <summary>The digit after <c>HTTP/1.</c>.</summary>
    public int MinorVersion => _parser._minorVersion;

    /// <summary>All whole header lines.</summary>
    public HeaderLineReader Lines => new(_received[_parser._headersStart.._parser._lineStart]);

    /// <summary>The query of the target without the question mark, percent-encoded; empty when there is none.</summary>
    internal ReadOnlySpan<byte> Query => RequestTarget.Query(Target);

    /// <summary>True when <c>Upgrade</c> names HTTP/2 (<c>h2c</c>).</summary>
    public bool AsksForHttp2 => Ascii.EqualsIgnoreCase(Header(KnownHeader.Upgrade), "h2c"u8);

    /// <summary>True when <c>Accept</c> names <c>text/html</c>, as only browsers do. Scans the lines: not for devices.</summary>
    public bool AcceptsHtml
    {
        get
        {
            HeaderLineReader lines = Lines;
            while (lines.Read())
            {
                if (Ascii.EqualsIgnoreCase(lines.Name, "accept"u8) && Contains(lines.Value, "text/html"u8))
                {
                    return true;
                }
            }

            return false;
        }
    }

    /// <summary><c>User-Agent</c>. Scans the lines: not for devices.</summary>
    public ReadOnlySpan<byte> UserAgent
    {
        get
        {
            HeaderLineReader lines = Lines;
            while (lines.Read())
            {
                if (Ascii.EqualsIgnoreCase(lines.Name, "user-agent"u8))
                {
                    return lines.Value;
                }
            }

            return default;
        }
    }

    internal bool Has(KnownHeader header) => _parser.Slot(header) != 0;

    internal bool IsRepeated(KnownHeader header) => _parser.IsRepeated(header);

    internal ReadOnlySpan<byte> Header(KnownHeader header)
    {
        uint slot = _parser.Slot(header);
        ReadOnlySpan<byte> value = _received.Slice((int)(slot >> 16), (int)(slot & 0xFFFF));

        // Optional white space (RFC 9110 section 5.6.3): usually one leading space.
        if (value.Length > 1 && value[0] == ' ')
        {
            value = value[1..];
        }

        return value.IsEmpty || (value[0] > ' ' && value[^1] > ' ') ? value : value.Trim(" \t"u8);
    }

    private static bool Contains(ReadOnlySpan<byte> text, ReadOnlySpan<byte> part)
    {
        for (int at = 0; at + part.Length <= text.Length; at++)
        {
            if (Ascii.EqualsIgnoreCase(text.Slice(at, part.Length), part))
            {
                return true;
            }
        }

        return false;
    }
}
