using System.Buffers;
using System.Text;

namespace FastGate.Conversation.Sentences;

/// <summary>
/// Removes from a piece of a reply what cannot be spoken: markdown, emoji and extra white space. A piece is a line or a part of one.
/// </summary>
internal static class SpeechText
{
    private static readonly SearchValues<char> s_rule = SearchValues.Create("-*_=|: ");

    public static string Clean(string piece)
    {
        ReadOnlySpan<char> text = piece.AsSpan().Trim();
        if (text.StartsWith("```", StringComparison.Ordinal) || IsRule(text))
        {
            return string.Empty;
        }

        text = StripLineStart(text);
        var result = new StringBuilder(text.Length);
        for (int i = 0; i < text.Length;)
        {
            if (TryLink(text[i..], out ReadOnlySpan<char> label, out int length))
            {
                result.Append(Clean(label.ToString()));
                i += length;
                continue;
            }

            if (Rune.DecodeFromUtf16(text[i..], out Rune rune, out int consumed) != OperationStatus.Done || Emotions.IsPictograph(rune))
            {
                i += consumed;
                continue;
            }

            if (!IsMarkup(text, i))
            {
                Append(result, text.Slice(i, consumed));
            }

            i += consumed;
        }

        string cleaned = result.ToString().Trim();
        return HasSound(cleaned) ? cleaned : string.Empty;
    }

    private static void Append(StringBuilder result, ReadOnlySpan<char> text)
    {
        if (text[0] == '|')
        {
            text = " ";
        }

        if (!char.IsWhiteSpace(text[0]))
        {
            result.Append(text);
        }
        else if (result.Length > 0 && result[^1] != ' ')
        {
            result.Append(' ');
        }
    }

    /// <summary>Removes the marks of headings, quotes and bullets.</summary>
    private static ReadOnlySpan<char> StripLineStart(ReadOnlySpan<char> text)
    {
        while (true)
        {
            int before = text.Length;
            ReadOnlySpan<char> marks = text.TrimStart("#>");
            if (marks.Length < text.Length && (marks.IsEmpty || char.IsWhiteSpace(marks[0]) || text[0] == '>'))
            {
                text = marks.TrimStart();
            }

            if (text.Length > 1 && text[0] is '-' or '*' or '+' or '•' && char.IsWhiteSpace(text[1]))
            {
                text = text[2..].TrimStart();
            }

            if (text.Length == before)
            {
                return text;
            }
        }
    }

    /// <summary>True for a mark of emphasis or code; false for the same character between numbers, words or spaces.</summary>
    private static bool IsMarkup(ReadOnlySpan<char> text, int at)
    {
        char c = text[at];
        if (c is '`')
        {
            return true;
        }

        if (c is not ('*' or '_' or '~'))
        {
            return false;
        }

        char before = at > 0 ? text[at - 1] : ' ';
        char after = at + 1 < text.Length ? text[at + 1] : ' ';
        if (before == c || after == c)
        {
            return true;
        }

        bool lone = char.IsWhiteSpace(before) && char.IsWhiteSpace(after);
        bool between = char.IsAsciiLetterOrDigit(before) && char.IsAsciiLetterOrDigit(after);
        return c is not '~' && !lone && !between;
    }

    /// <summary><c>[label](address)</c>, with or without an exclamation mark before it.</summary>
    private static bool TryLink(ReadOnlySpan<char> text, out ReadOnlySpan<char> label, out int length)
    {
        label = default;
        length = 0;
        int open = text[0] == '!' ? 1 : 0;
        if (text.Length <= open || text[open] != '[')
        {
            return false;
        }

        int close = text.IndexOf("](", StringComparison.Ordinal);
        if (close < 0)
        {
            return false;
        }

        int end = text[close..].IndexOf(')');
        if (end < 0)
        {
            return false;
        }

        label = text[(open + 1)..close];
        length = close + end + 1;
        return true;
    }

    private static bool IsRule(ReadOnlySpan<char> text) => text.Length >= 3 && !text.ContainsAnyExcept(s_rule);

    private static bool HasSound(string text)
    {
        foreach (Rune rune in text.EnumerateRunes())
        {
            if (Rune.IsLetterOrDigit(rune) || Rune.IsSymbol(rune))
            {
                return true;
            }
        }

        return false;
    }
}
