using System.Text;
using FastGate.Protocol.Handshake;

namespace FastGate.Protocol.Proxies;

/// <summary>
/// Reads the addresses that proxies report, the farthest first: all lines of one header, which form one list (RFC 9110 section 5.3).
/// </summary>
/// <remarks>The length is bounded by the limit of the headers. Budget: no allocation; enforced by <c>ProxyAllocationTests</c>.</remarks>
public ref struct ReportedNodes
{
    private readonly ReportedHeader _header;
    private HeaderLineReader _lines;
    private ReadOnlySpan<byte> _list;
    private bool _inList;

    /// <summary>The addresses that a request reports.</summary>
    /// <param name="request">The request.</param>
    public ReportedNodes(in HandshakeRequest request)
    {
        _header = request.Has(KnownHeader.XForwardedFor) ? ReportedHeader.XForwardedFor
            : request.Has(KnownHeader.XRealIp) ? ReportedHeader.XRealIp
            : ReportedHeader.Forwarded;
        _lines = request.Lines;
    }

    /// <summary>The addresses of one list.</summary>
    /// <param name="list">The value of the header; several values joined by commas.</param>
    /// <param name="header">Which header it is.</param>
    public ReportedNodes(ReadOnlySpan<byte> list, ReportedHeader header)
    {
        _header = header;
        _list = list;
        _inList = true;
    }

    /// <summary>Whether the node is an address. Otherwise it is unknown, hidden or malformed.</summary>
    public bool HasAddress { get; private set; }

    /// <summary>The address; an IPv4 address in its IPv6-mapped form.</summary>
    public UInt128 Address { get; private set; }

    /// <summary>Moves to the next node; false after the last.</summary>
    public bool Read()
    {
        while (true)
        {
            while (_inList)
            {
                ReadOnlySpan<byte> element = NextElement().Trim(" \t"u8);

                // An empty element is allowed and means nothing (RFC 9110 section 5.6.1).
                if (!element.IsEmpty)
                {
                    HasAddress = AddressText.TryReadNode(_header == ReportedHeader.Forwarded ? ForOf(element) : element, out UInt128 address);
                    Address = address;
                    return true;
                }
            }

            if (!NextLine())
            {
                return false;
            }
        }
    }

    private bool NextLine()
    {
        while (_lines.Read())
        {
            if (IsHeader(_lines.Name))
            {
                _list = _lines.Value;
                _inList = true;
                return true;
            }
        }

        return false;
    }

    private readonly bool IsHeader(ReadOnlySpan<byte> name) => Ascii.EqualsIgnoreCase(name, _header switch
    {
        ReportedHeader.XForwardedFor => "x-forwarded-for"u8,
        ReportedHeader.XRealIp => "x-real-ip"u8,
        _ => "forwarded"u8,
    });

    private ReadOnlySpan<byte> NextElement()
    {
        int end = LengthTo((byte)',', _list);
        ReadOnlySpan<byte> element = _list[..end];
        _inList = end < _list.Length;
        _list = _inList ? _list[(end + 1)..] : default;
        return element;
    }

    /// <summary>The value of the <c>for</c> parameter: <c>[ name "=" value ] *( ";" [ name "=" value ] )</c> (RFC 7239 section 4). Empty without one.</summary>
    private static ReadOnlySpan<byte> ForOf(ReadOnlySpan<byte> element)
    {
        while (!element.IsEmpty)
        {
            int end = LengthTo((byte)';', element);
            ReadOnlySpan<byte> pair = element[..end].Trim(" \t"u8);
            if (pair.Length > 4 && Ascii.EqualsIgnoreCase(pair[..4], "for="u8))
            {
                return pair[4..];
            }

            element = end < element.Length ? element[(end + 1)..] : default;
        }

        return default;
    }

    /// <summary>Up to the separator outside of quotes, or to the end.</summary>
    private static int LengthTo(byte separator, ReadOnlySpan<byte> text)
    {
        bool isQuoted = false;
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] == '"')
            {
                isQuoted = !isQuoted;
            }
            else if (text[i] == '\\' && isQuoted)
            {
                i++;
            }
            else if (text[i] == separator && !isQuoted)
            {
                return i;
            }
        }

        return text.Length;
    }
}
