using System.Text;

namespace FastGate.Protocol.Handshake;

/// <summary>Renders bytes of an untrusted client safely for log lines, terminals and browsers. Not for the hot path: it allocates.</summary>
public static class HandshakeText
{
    /// <summary>Maximum number of bytes rendered; the rest is replaced by an ellipsis.</summary>
    public const int MaxShown = 256;

    /// <summary>
    /// Renders a request target, at most <see cref="MaxShown"/> bytes: printable ASCII unchanged, every other byte and the backslash as
    /// <c>\xNN</c>, values of query keys that carry credentials as <c>***</c>.
    /// </summary>
    public static string RenderTarget(ReadOnlySpan<byte> target)
    {
        var text = new StringBuilder(Math.Min(target.Length, MaxShown) + 3);
        ReadOnlySpan<byte> shown = target[..Math.Min(target.Length, MaxShown)];
        int mark = shown.IndexOf((byte)'?');
        if (mark < 0)
        {
            Append(text, shown);
        }
        else
        {
            Append(text, shown[..(mark + 1)]);
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

    private static void AppendQuery(StringBuilder text, ReadOnlySpan<byte> query)
    {
        while (true)
        {
            int end = query.IndexOf((byte)'&');
            ReadOnlySpan<byte> pair = end < 0 ? query : query[..end];
            int equals = pair.IndexOf((byte)'=');
            if (equals >= 0 && IsCredential(pair[..equals]))
            {
                Append(text, pair[..(equals + 1)]);
                text.Append("***");
            }
            else
            {
                Append(text, pair);
            }

            if (end < 0)
            {
                return;
            }

            text.Append('&');
            query = query[(end + 1)..];
        }
    }

    private static bool IsCredential(ReadOnlySpan<byte> key)
    {
        Span<byte> decoded = stackalloc byte[MaxShown];
        Span<byte> name = decoded[..PercentEncoding.Decode(key, decoded)];
        return Ascii.EqualsIgnoreCase(name, "authorization"u8) || Ascii.EqualsIgnoreCase(name, "token"u8)
            || Ascii.EqualsIgnoreCase(name, "access_token"u8) || Ascii.EqualsIgnoreCase(name, "secret"u8);
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
