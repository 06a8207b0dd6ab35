using System.Collections.Frozen;
using System.Text;

namespace FastGate.Protocol.Handshake;

/// <summary>Recognizes path segments that may be credentials, so that diagnostics show no secret. Prefers to hide too much.</summary>
internal static class TokenShape
{
    /// <summary>Shorter text is a token only by its prefix.</summary>
    private const int MinLength = 16;

    private static readonly FrozenSet<string> s_secretNames = FrozenSet.Create(
        StringComparer.OrdinalIgnoreCase,
        "token", "access_token", "access-token", "key", "apikey", "api_key", "api-key", "secret", "auth", "authorization", "bearer", "password");

    /// <summary>True when the segment names a secret: the next one is its value.</summary>
    public static bool NamesSecret(ReadOnlySpan<byte> segment) => s_secretNames.Contains(Encoding.Latin1.GetString(segment));

    /// <summary>True for known prefixes and for long text that changes between letters and digits as random text does.</summary>
    public static bool Matches(ReadOnlySpan<byte> text)
    {
        if (text.StartsWith("sk-"u8) || text.StartsWith("eyJ"u8) || text.StartsWith("ghp_"u8))
        {
            return text.Length >= MinLength / 2;
        }

        if (text.Length < MinLength || IsMacAddress(text))
        {
            return false;
        }

        int changes = 0;
        int separators = 0;
        UInt128 seen = 0;
        for (int i = 0; i < text.Length; i++)
        {
            Kind kind = KindOf(text[i]);
            separators += kind == Kind.Other ? 1 : 0;
            changes += i > 0 && IsChange(KindOf(text[i - 1]), kind) ? 1 : 0;
            seen |= UInt128.One << (text[i] & 0x7F);
        }

        // Words of one case have few changes; random letters of one case have many different ones and no separator.
        bool isNumber = separators == 0 && changes == 0 && KindOf(text[0]) == Kind.Digit;
        return changes * 4 >= text.Length || isNumber || (separators == 0 && text.Length >= 20 && UInt128.PopCount(seen) >= 12);
    }

    // A capital before a small letter also begins a word.
    private static bool IsChange(Kind before, Kind kind) =>
        before != Kind.Other && kind != Kind.Other && before != kind && (before != Kind.Upper || kind != Kind.Lower);

    // Six pairs of hexadecimal digits: a device id, which the operator needs to see.
    private static bool IsMacAddress(ReadOnlySpan<byte> text)
    {
        const int Length = 17;
        for (int i = 0; i < text.Length; i++)
        {
            bool fits = i % 3 == 2 ? text[i] is (byte)':' or (byte)'-' : char.IsAsciiHexDigit((char)text[i]);
            if (!fits)
            {
                return false;
            }
        }

        return text.Length == Length;
    }

    private static Kind KindOf(byte c) => (char)c switch
    {
        >= 'a' and <= 'z' => Kind.Lower,
        >= 'A' and <= 'Z' => Kind.Upper,
        >= '0' and <= '9' => Kind.Digit,
        _ => Kind.Other,
    };

    private enum Kind
    {
        Other,
        Lower,
        Upper,
        Digit,
    }
}
