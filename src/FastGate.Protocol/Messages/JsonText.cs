using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Text;
using System.Text.Unicode;

namespace FastGate.Protocol.Messages;

/// <summary>
/// Decodes and encodes the content of JSON strings (RFC 8259 section 7). No method throws on text from a client or an LLM: an unpaired surrogate
/// becomes U+FFFD.
/// </summary>
internal static class JsonText
{
    /// <summary>Texts up to this size, in bytes, are unescaped on the stack. Unescaping never makes a text longer.</summary>
    private const int OnStack = 512;

    /// <summary>Size hint for the buffer writer while text is encoded, in bytes.</summary>
    private const int WriteChunk = 256;

    private static readonly SearchValues<char> s_mustEscape = SearchValues.Create(
        "\u0000\u0001\u0002\u0003\u0004\u0005\u0006\u0007\u0008\u0009\u000A\u000B\u000C\u000D\u000E\u000F"
        + "\u0010\u0011\u0012\u0013\u0014\u0015\u0016\u0017\u0018\u0019\u001A\u001B\u001C\u001D\u001E\u001F\"\\\u007F");

    /// <summary>Decodes the content of a JSON string.</summary>
    public static string GetString(ReadOnlySpan<byte> raw)
    {
        if (!raw.Contains((byte)'\\'))
        {
            return Encoding.UTF8.GetString(raw);
        }

        byte[]? rented = null;
        Span<byte> buffer = raw.Length <= OnStack ? stackalloc byte[OnStack] : (rented = ArrayPool<byte>.Shared.Rent(raw.Length));
        string text = Encoding.UTF8.GetString(buffer[..Unescape(raw, buffer)]);
        if (rented is not null)
        {
            ArrayPool<byte>.Shared.Return(rented);
        }

        return text;
    }

    /// <summary>Resolves the escapes of a string that <see cref="JsonScanner"/> has accepted.</summary>
    /// <param name="raw">The string without its quotes.</param>
    /// <param name="destination">At least as long as <paramref name="raw"/>.</param>
    /// <returns>Bytes written.</returns>
    public static int Unescape(ReadOnlySpan<byte> raw, Span<byte> destination)
    {
        int written = 0;
        while (true)
        {
            int escape = raw.IndexOf((byte)'\\');
            int plain = escape < 0 ? raw.Length : escape;
            raw[..plain].CopyTo(destination[written..]);
            written += plain;
            raw = raw[plain..];
            if (raw.Length < 2)
            {
                return written;
            }

            byte kind = raw[1];
            if (kind == 'u')
            {
                written += UnescapeUnicode(ref raw, destination[written..]);
                continue;
            }

            destination[written++] = kind switch
            {
                (byte)'b' => (byte)'\b',
                (byte)'f' => (byte)'\f',
                (byte)'n' => (byte)'\n',
                (byte)'r' => (byte)'\r',
                (byte)'t' => (byte)'\t',
                _ => kind,
            };
            raw = raw[2..];
        }
    }

    /// <summary>Writes text as the content of a JSON string; escapes only what RFC 8259 requires, and DEL.</summary>
    public static void Write(IBufferWriter<byte> output, ReadOnlySpan<char> text)
    {
        while (!text.IsEmpty)
        {
            int stop = text.IndexOfAny(s_mustEscape);
            ReadOnlySpan<char> plain = stop < 0 ? text : text[..stop];
            text = text[plain.Length..];
            while (!plain.IsEmpty)
            {
                Span<byte> destination = output.GetSpan(Math.Min(plain.Length * 3, WriteChunk));
                _ = Utf8.FromUtf16(plain, destination, out int read, out int written);
                output.Advance(written);
                plain = plain[read..];
            }

            if (!text.IsEmpty)
            {
                WriteEscape(output, text[0]);
                text = text[1..];
            }
        }
    }

    /// <summary>Writes a number.</summary>
    public static void Write(IBufferWriter<byte> output, int value)
    {
        const int Longest = 11;
        _ = value.TryFormat(output.GetSpan(Longest), out int written, default, CultureInfo.InvariantCulture);
        output.Advance(written);
    }

    /// <summary>Writes an id as 36 characters with hyphens.</summary>
    public static void Write(IBufferWriter<byte> output, Guid value)
    {
        const int Length = 36;
        _ = value.TryFormat(output.GetSpan(Length), out int written, "D");
        output.Advance(written);
    }

    private static int UnescapeUnicode(ref ReadOnlySpan<byte> raw, Span<byte> destination)
    {
        char first = ReadUnit(ref raw);
        Rune rune = Rune.ReplacementChar;
        if (!char.IsSurrogate(first))
        {
            rune = new Rune(first);
        }
        else if (char.IsHighSurrogate(first) && raw.StartsWith("\\u"u8))
        {
            ReadOnlySpan<byte> rest = raw;
            char second = ReadUnit(ref rest);
            if (char.IsLowSurrogate(second))
            {
                rune = new Rune(first, second);
                raw = rest;
            }
        }

        return rune.EncodeToUtf8(destination);
    }

    /// <summary>Reads one <c>\uXXXX</c>, which the scanner has already validated.</summary>
    private static char ReadUnit(ref ReadOnlySpan<byte> raw)
    {
        ReadOnlySpan<byte> digits = raw[2..Math.Min(6, raw.Length)];
        _ = Utf8Parser.TryParse(digits, out ushort unit, out _, 'x');
        raw = raw[(2 + digits.Length)..];
        return (char)unit;
    }

    private static void WriteEscape(IBufferWriter<byte> output, char value)
    {
        switch (value)
        {
            case '"':
                output.Write("\\\""u8);
                break;
            case '\\':
                output.Write("\\\\"u8);
                break;
            case '\n':
                output.Write("\\n"u8);
                break;
            case '\r':
                output.Write("\\r"u8);
                break;
            case '\t':
                output.Write("\\t"u8);
                break;
            default:
                output.Write("\\u00"u8);
                _ = ((int)value).TryFormat(output.GetSpan(2), out int written, "x2", CultureInfo.InvariantCulture);
                output.Advance(written);
                break;
        }
    }
}
