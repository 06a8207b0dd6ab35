using System.Collections.Frozen;
using System.Text;

namespace FastGate.Protocol.Handshake;

/// <summary>Renders bytes of an untrusted client safely for log lines, terminals and browsers. Not for the hot path: it allocates.</summary>
public static class HandshakeText
{
    /// <summary>Maximum number of bytes rendered; the rest is replaced by an ellipsis.</summary>
    public const int MaxShown = 256;

    private const string Mask = "***";

    // Query keys of this protocol family that name a device, a client or the MQTT gateway.
    private static readonly FrozenSet<string> s_identityKeys = FrozenSet.Create(
        StringComparer.OrdinalIgnoreCase, "device-id", "device_id", "client-id", "client_id", "mac_address", "device_mac", "uuid", "from");

    /// <summary>
    /// Renders a request target, at most <see cref="MaxShown"/> bytes: printable ASCII unchanged, every other byte and the backslash as
    /// <c>\xNN</c>, as <c>***</c> the value of every query key that does not name a device or client, and path segments that may be credentials.
    /// </summary>
    public static string RenderTarget(ReadOnlySpan<byte> target)
    {
        var text = new StringBuilder(Math.Min(target.Length, MaxShown) + 3);
        ReadOnlySpan<byte> shown = target[..Math.Min(target.Length, MaxShown)];
        int mark = shown.IndexOf((byte)'?');
        if (mark < 0)
        {
            AppendPath(text, shown);
        }
        else
        {
            AppendPath(text, shown[..mark]);
            text.Append('?');
            AppendQuery(text, shown[(mark + 1)..]);
        }

        return shown.Length < target.Length ? text.Append("...").ToString() : text.ToString();
    }

    /// <summary>Renders other bytes, such as a header name, in the same way, but without query keys.</summary>
    public static string Render(ReadOnlySpan<byte> bytes)
    {
        var text = new StringBuilder(Math.Min(bytes.Length, MaxShown) + 3);
        Append(text, bytes[..Math.Min(bytes.Length, MaxShown)]);
        return bytes.Length > MaxShown ? text.Append("...").ToString() : text.ToString();
    }

    private static void AppendPath(StringBuilder text, ReadOnlySpan<byte> path)
    {
        Span<byte> decoded = stackalloc byte[MaxShown];
        bool isSecret = false;
        foreach (Range range in path.Split((byte)'/'))
        {
            ReadOnlySpan<byte> segment = path[range];
            ReadOnlySpan<byte> plain = decoded[..PercentEncoding.Decode(segment, decoded)];
            text.Append(range.Start.Value > 0 ? "/" : "");
            if (!segment.IsEmpty && (isSecret || TokenShape.Matches(plain)))
            {
                text.Append(Mask);
            }
            else
            {
                AppendSegment(text, segment);
            }

            isSecret = TokenShape.NamesSecret(plain);
        }
    }

    // A segment may have parameters (RFC 3986 section 3.3), and the authority of an absolute target a user with a password.
    private static void AppendSegment(StringBuilder text, ReadOnlySpan<byte> segment)
    {
        int at = segment.LastIndexOf((byte)'@');
        if (at >= 0)
        {
            text.Append(Mask);
            segment = segment[at..];
        }

        int equals = segment.IndexOf((byte)'=');
        Append(text, equals < 0 ? segment : segment[..(equals + 1)]);
        if (equals >= 0 && equals + 1 < segment.Length)
        {
            text.Append(Mask);
        }
    }

    private static void AppendQuery(StringBuilder text, ReadOnlySpan<byte> query)
    {
        Span<byte> decoded = stackalloc byte[MaxShown];
        foreach (Range range in query.Split((byte)'&'))
        {
            ReadOnlySpan<byte> pair = query[range];
            int equals = pair.IndexOf((byte)'=');
            ReadOnlySpan<byte> key = equals < 0 ? pair : pair[..equals];
            ReadOnlySpan<byte> value = equals < 0 ? default : pair[(equals + 1)..];
            ReadOnlySpan<byte> name = decoded[..PercentEncoding.Decode(key, decoded)];
            text.Append(range.Start.Value > 0 ? "&" : "");

            // A query may be a token without a key.
            AppendUnless(TokenShape.Matches(name), text, key);
            text.Append(equals < 0 ? "" : "=");
            AppendUnless(!value.IsEmpty && !s_identityKeys.Contains(Encoding.Latin1.GetString(name)), text, value);
        }
    }

    private static void AppendUnless(bool isSecret, StringBuilder text, ReadOnlySpan<byte> bytes)
    {
        if (isSecret)
        {
            text.Append(Mask);
        }
        else
        {
            Append(text, bytes);
        }
    }

    private static void Append(StringBuilder text, ReadOnlySpan<byte> bytes)
    {
        foreach (byte b in bytes)
        {
            if (b is >= 0x20 and < 0x7F and not (byte)'\\')
            {
                text.Append((char)b);
            }
            else
            {
                text.Append("\\x").Append(b.ToString("X2", null));
            }
        }
    }
}
