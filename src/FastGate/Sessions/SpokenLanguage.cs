using System.Buffers.Text;
using FastGate.Configuration.Options;

namespace FastGate.Sessions;

/// <summary>Finds out which of the two languages a user understands, Chinese or English. <see cref="SessionLanguage.Auto"/> means that it is not known.</summary>
internal static class SpokenLanguage
{
    private const byte Comma = (byte)',';

    /// <summary>
    /// The language of an <c>Accept-Language</c> header: of Chinese and English the preferred one (RFC 9110 section 12.5.4), English where
    /// it names other languages only. Untrusted bytes; illegible parts are skipped. No allocation.
    /// </summary>
    public static SessionLanguage OfHeader(ReadOnlySpan<byte> value)
    {
        SessionLanguage best = SessionLanguage.Auto;
        double bestQuality = 0;
        bool namesOther = false;
        foreach (Range part in value.Split(Comma))
        {
            ReadOnlySpan<byte> item = value[part].Trim(" \t"u8);
            int end = item.IndexOf((byte)';');
            double quality = end < 0 ? 1 : Quality(item[(end + 1)..].Trim(" \t"u8));
            ReadOnlySpan<byte> tag = end < 0 ? item : item[..end].TrimEnd(" \t"u8);
            if (quality > bestQuality && OfTag(tag, ref namesOther) is var language && language != SessionLanguage.Auto)
            {
                best = language;
                bestQuality = quality;
            }
        }

        return best == SessionLanguage.Auto && namesOther ? SessionLanguage.En : best;
    }

    /// <summary>
    /// The language of what the user said: Chinese characters against words in Latin letters. A text with letters of other scripts tells
    /// nothing, because Japanese has Chinese characters too.
    /// </summary>
    public static SessionLanguage OfWords(ReadOnlySpan<char> text)
    {
        int characters = 0;
        int words = 0;
        bool inWord = false;
        foreach (char c in text)
        {
            bool isLatin = IsLatin(c);
            words += isLatin && !inWord ? 1 : 0;
            inWord = isLatin || (inWord && c is '\'' or '’');
            if (IsChinese(c))
            {
                characters++;
            }
            else if (!isLatin && char.IsLetter(c))
            {
                return SessionLanguage.Auto;
            }
        }

        return words > characters ? SessionLanguage.En : characters > 0 ? SessionLanguage.Zh : SessionLanguage.Auto;
    }

    private static SessionLanguage OfTag(ReadOnlySpan<byte> tag, ref bool namesOther)
    {
        int end = tag.IndexOfAny((byte)'-', (byte)'_');
        ReadOnlySpan<byte> primary = end < 0 ? tag : tag[..end];
        if (Is(primary, "zh"u8) || Is(primary, "cmn"u8) || Is(primary, "yue"u8))
        {
            return SessionLanguage.Zh;
        }

        if (Is(primary, "en"u8))
        {
            return SessionLanguage.En;
        }

        namesOther |= primary.Length is 2 or 3 && !primary.ContainsAnyExceptInRange((byte)'A', (byte)'z');
        return SessionLanguage.Auto;
    }

    private static bool Is(ReadOnlySpan<byte> tag, ReadOnlySpan<byte> language) => System.Text.Ascii.EqualsIgnoreCase(tag, language);

    /// <summary>The weight after <c>q=</c>; 0 when it is not legible.</summary>
    private static double Quality(ReadOnlySpan<byte> parameter) =>
        parameter.Length > 2 && parameter[0] is (byte)'q' or (byte)'Q' && parameter[1] == '=' && Utf8Parser.TryParse(parameter[2..], out double quality, out _)
            ? quality
            : 0;

    // A high surrogate of planes 2 and 3, which hold only Chinese characters, counts for its character.
    private static bool IsChinese(char c) => c is (>= '\u3400' and <= '\u4DBF') or (>= '\u4E00' and <= '\u9FFF') or (>= '\uF900' and <= '\uFAFF') or (>= '\uD840' and <= '\uD8BF');

    private static bool IsLatin(char c) => char.IsAsciiLetter(c) || (c is >= '\u00C0' and <= '\u024F' && char.IsLetter(c));
}
