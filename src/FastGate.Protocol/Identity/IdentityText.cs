using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Unicode;

namespace FastGate.Protocol.Identity;

/// <summary>What makes an id: the one rule that queries and headers share.</summary>
internal static class IdentityText
{
    // What a plain ASCII id does not have: controls, DEL and everything from 0x80 on.
    private static readonly SearchValues<byte> s_plain = SearchValues.Create(
        " !\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~"u8);

    /// <summary>
    /// Strips white space and one layer of quotes and judges the rest.
    /// <see cref="IdentityOutcome.Used"/> means usable: <paramref name="id"/> is then a slice of <paramref name="raw"/>, its case kept.
    /// </summary>
    public static IdentityOutcome Judge(ReadOnlySpan<byte> raw, out ReadOnlySpan<byte> id)
    {
        id = Trim(raw);
        if (id.Length >= 2 && id[0] == id[^1] && (id[0] is (byte)'"' or (byte)'\''))
        {
            id = Trim(id[1..^1]);
        }

        if (id.IsEmpty)
        {
            return IdentityOutcome.Empty;
        }

        if (id.Length > DeviceIdentity.MaxIdLength)
        {
            return IdentityOutcome.TooLong;
        }

        return id.ContainsAnyExcept(s_plain) ? JudgeSlow(id) : IdentityOutcome.Used;
    }

    /// <summary>Writes <paramref name="id"/> with ASCII letters in lower case; returns what was written.</summary>
    /// <remarks>
    /// ASCII only: wider case rules change lengths and make different letters equal (the Kelvin sign becomes a k), so that one device
    /// could take another's id.
    /// </remarks>
    public static ReadOnlySpan<byte> ToLower(scoped ReadOnlySpan<byte> id, Span<byte> destination)
    {
        // The library's stops at the first byte that is not ASCII; ids are ASCII but for hand-made ones.
        Ascii.ToLower(id, destination, out int done);
        for (int i = done; i < id.Length; i++)
        {
            destination[i] = LowerOf(id[i]);
        }

        return destination[..id.Length];
    }

    /// <summary>The id in <paramref name="raw"/> as text in its one form; null unless it is usable.</summary>
    public static string? Normalize(ReadOnlySpan<byte> raw)
    {
        if (Judge(raw, out ReadOnlySpan<byte> id) != IdentityOutcome.Used)
        {
            return null;
        }

        Span<byte> lower = stackalloc byte[DeviceIdentity.MaxIdLength];
        return Encoding.UTF8.GetString(ToLower(id, lower));
    }

    /// <summary>True when both name the same id once normalised; an unusable one only equals one that is unusable too.</summary>
    public static bool SameId(ReadOnlySpan<byte> rawA, ReadOnlySpan<byte> rawB)
    {
        bool usableA = Judge(rawA, out ReadOnlySpan<byte> a) == IdentityOutcome.Used;
        bool usableB = Judge(rawB, out ReadOnlySpan<byte> b) == IdentityOutcome.Used;
        return usableA == usableB && (!usableA || EqualsIgnoringCase(a, b));
    }

    /// <summary>True when both are equal but for the case of ASCII letters.</summary>
    public static bool EqualsIgnoringCase(ReadOnlySpan<byte> a, ReadOnlySpan<byte> b)
    {
        if (a.Length != b.Length)
        {
            return false;
        }

        // The library's holds nothing equal that is not ASCII.
        if (Ascii.EqualsIgnoreCase(a, b))
        {
            return true;
        }

        for (int i = 0; i < a.Length; i++)
        {
            if (LowerOf(a[i]) != LowerOf(b[i]))
            {
                return false;
            }
        }

        return true;
    }

    private static byte LowerOf(byte c) => (uint)(c - 'A') <= 'Z' - 'A' ? (byte)(c | 0x20) : c;

    private static IdentityOutcome JudgeSlow(ReadOnlySpan<byte> id)
    {
        if (!Utf8.IsValid(id))
        {
            return IdentityOutcome.BadEncoding;
        }

        while (!id.IsEmpty)
        {
            Rune.DecodeFromUtf8(id, out Rune rune, out int length);
            id = id[length..];
            // Control: also the C1 range, whose U+009B begins terminal sequences. Format: marks that reorder or hide text.
            // The separators end a line for many log viewers.
            if (Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.Format
                or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator)
            {
                return IdentityOutcome.BadCharacters;
            }
        }

        return IdentityOutcome.Used;
    }

    private static ReadOnlySpan<byte> Trim(ReadOnlySpan<byte> text)
    {
        while (!text.IsEmpty && text[0] is (byte)' ' or (byte)'\t')
        {
            text = text[1..];
        }

        while (!text.IsEmpty && text[^1] is (byte)' ' or (byte)'\t')
        {
            text = text[..^1];
        }

        return text;
    }
}
