using System.Buffers;
using System.Globalization;
using System.Text;

namespace FastGate.Diagnostics;

/// <summary>
/// Makes what a stranger sent fit for a log line and a web page: visible ASCII stays, every other byte becomes <c>\xNN</c>
/// (no line break, no terminal escape, no look-alike letters), and credentials in a query become <c>***</c>.
/// </summary>
internal static class SafeTarget
{
    /// <summary>Where a request target is cut.</summary>
    public const int MaxTarget = 256;

    /// <summary>Where a header name is cut.</summary>
    public const int MaxName = 64;

    private const string Mask = "***";

    private static readonly SearchValues<byte> s_separators = SearchValues.Create("&;#"u8);

    /// <summary>The first <paramref name="max"/> bytes; three dots say that there was more.</summary>
    public static string Text(ReadOnlySpan<byte> bytes, int max)
    {
        var text = new StringBuilder(Math.Min(bytes.Length, max));
        Append(text, bytes, max);
        return text.ToString();
    }

    /// <summary>A request target, with the values of <c>authorization</c>, <c>token</c>, <c>access_token</c> and <c>secret</c> masked however the key is spelled.</summary>
    public static string Target(ReadOnlySpan<byte> target)
    {
        int query = target.IndexOf((byte)'?');
        ReadOnlySpan<byte> rest = query < 0 ? default : target[(query + 1)..];
        var text = new StringBuilder(MaxTarget);
        Append(text, query < 0 ? target : target[..(query + 1)], MaxTarget);
        while (!rest.IsEmpty && text.Length < MaxTarget)
        {
            int end = rest.IndexOfAny(s_separators);
            ReadOnlySpan<byte> pair = end < 0 ? rest : rest[..end];
            int equals = pair.IndexOf((byte)'=');
            if (equals >= 0 && IsCredential(pair[..equals]))
            {
                Append(text, pair[..(equals + 1)], MaxTarget);
                text.Append(Mask);
            }
            else
            {
                Append(text, pair, MaxTarget);
            }

            if (end >= 0)
            {
                text.Append((char)rest[end]);
            }

            rest = end < 0 ? default : rest[(end + 1)..];
        }

        // Escapes make text longer than its bytes.
        if (text.Length > MaxTarget || !rest.IsEmpty)
        {
            text.Length = Math.Min(text.Length, MaxTarget);
            text.Append("...");
        }

        return text.ToString();
    }

    private static void Append(StringBuilder text, ReadOnlySpan<byte> bytes, int max)
    {
        foreach (byte value in bytes[..Math.Min(bytes.Length, max)])
        {
            if (value is > 0x20 and < 0x7F or 0x20)
            {
                text.Append((char)value);
            }
            else
            {
                text.Append(CultureInfo.InvariantCulture, $"\\x{value:X2}");
            }
        }

        if (bytes.Length > max)
        {
            text.Append("...");
        }
    }

    private static bool IsCredential(ReadOnlySpan<byte> key)
    {
        Span<byte> name = stackalloc byte[16];
        int length = 0;
        for (int i = 0; i < key.Length; i++)
        {
            if (length == name.Length)
            {
                return false;
            }

            byte value = key[i];
            if (value == (byte)'%' && i + 2 < key.Length && byte.TryParse(key.Slice(i + 1, 2), NumberStyles.AllowHexSpecifier, null, out byte decoded))
            {
                value = decoded;
                i += 2;
            }

            // Spaces around a key are trimmed by lenient readers; underscore and dash are one spelling here as for the ids.
            if (value is not ((byte)' ' or (byte)'+'))
            {
                name[length++] = value == (byte)'-' ? (byte)'_' : value;
            }
        }

        name = name[..length];
        return Ascii.EqualsIgnoreCase(name, "authorization"u8) || Ascii.EqualsIgnoreCase(name, "token"u8) ||
            Ascii.EqualsIgnoreCase(name, "access_token"u8) || Ascii.EqualsIgnoreCase(name, "secret"u8);
    }
}
