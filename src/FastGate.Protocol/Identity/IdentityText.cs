using System.Globalization;
using System.Text;
using System.Text.Unicode;

namespace FastGate.Protocol.Identity;

/// <summary>Validates and normalises ids of queries and headers.</summary>
internal static class IdentityText
{
    /// <summary>
    /// Strips white space and one pair of quotes and validates the rest. <see cref="IdentityOutcome.Used"/> means valid: <paramref name="id"/> is then a
    /// slice of <paramref name="raw"/> in its original case.
    /// </summary>
    public static IdentityOutcome Validate(ReadOnlySpan<byte> raw, out ReadOnlySpan<byte> id)
    {
        ReadOnlySpan<byte> space = " \t"u8;
        id = raw.Trim(space);
        if (id.Length >= 2 && id[0] == id[^1] && (id[0] is (byte)'"' or (byte)'\''))
        {
            id = id[1..^1].Trim(space);
        }

        if (id.IsEmpty)
        {
            return IdentityOutcome.Empty;
        }

        if (id.Length > DeviceIdentity.MaxIdLength)
        {
            return IdentityOutcome.TooLong;
        }

        // Ids that are not printable ASCII are checked rune by rune.
        return id.ContainsAnyExceptInRange((byte)' ', (byte)'~') ? ValidateRunes(id) : IdentityOutcome.Used;
    }

    /// <summary>Writes <paramref name="id"/> with ASCII letters in lower case; returns the written bytes.</summary>
    /// <remarks>
    /// ASCII only: Unicode case rules change lengths and make different letters equal (the Kelvin sign becomes a k), so one device could take the id of
    /// another.
    /// </remarks>
    public static ReadOnlySpan<byte> ToLower(scoped ReadOnlySpan<byte> id, Span<byte> destination)
    {
        // Ascii.ToLower stops at the first byte that is not ASCII, which is rare in ids.
        Ascii.ToLower(id, destination, out int done);
        for (int i = done; i < id.Length; i++)
        {
            destination[i] = LowerOf(id[i]);
        }

        return destination[..id.Length];
    }

    /// <summary>The normalised id in <paramref name="raw"/>; null when it is not valid.</summary>
    public static string? Normalize(ReadOnlySpan<byte> raw)
    {
        if (Validate(raw, out ReadOnlySpan<byte> id) != IdentityOutcome.Used)
        {
            return null;
        }

        Span<byte> lower = stackalloc byte[DeviceIdentity.MaxIdLength];
        return Encoding.UTF8.GetString(ToLower(id, lower));
    }

    /// <summary>True when both are the same id after normalisation, or both are invalid.</summary>
    public static bool SameId(ReadOnlySpan<byte> rawA, ReadOnlySpan<byte> rawB)
    {
        bool validA = Validate(rawA, out ReadOnlySpan<byte> a) == IdentityOutcome.Used;
        bool validB = Validate(rawB, out ReadOnlySpan<byte> b) == IdentityOutcome.Used;
        return validA == validB && (!validA || EqualsIgnoringCase(a, b));
    }

    /// <summary>True when both are equal without regard to the case of ASCII letters.</summary>
    public static bool EqualsIgnoringCase(ReadOnlySpan<byte> a, ReadOnlySpan<byte> b)
    {
        if (a.Length != b.Length)
        {
            return false;
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

    private static IdentityOutcome ValidateRunes(ReadOnlySpan<byte> id)
    {
        if (!Utf8.IsValid(id))
        {
            return IdentityOutcome.BadEncoding;
        }

        while (!id.IsEmpty)
        {
            Rune.DecodeFromUtf8(id, out Rune rune, out int length);
            id = id[length..];
            // Control includes C1, whose U+009B begins terminal sequences. Format characters reorder or hide text. Many log viewers break lines at
            // the separators.
            if (Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.Format
                or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator)
            {
                return IdentityOutcome.BadCharacters;
            }
        }

        return IdentityOutcome.Used;
    }
}
