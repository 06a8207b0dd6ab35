namespace FastGate.Speech.Hearing;

/// <summary>The words of an utterance that a recogniser has reported before its end.</summary>
/// <param name="Text">All words so far.</param>
/// <param name="AfterMs">Silence after which they may be used.</param>
internal sealed record PartialWords(string Text, int AfterMs)
{
    /// <summary>
    /// True when the texts differ in case, punctuation and white space at most: recognisers add these when an utterance is whole. No allocation.
    /// </summary>
    public static bool AreSame(ReadOnlySpan<char> one, ReadOnlySpan<char> other)
    {
        while (TryTake(ref one, out char first) is var more && TryTake(ref other, out char second) == more)
        {
            if (!more)
            {
                return true;
            }

            if (char.ToLowerInvariant(first) != char.ToLowerInvariant(second))
            {
                return false;
            }
        }

        return false;
    }

    private static bool TryTake(ref ReadOnlySpan<char> text, out char letter)
    {
        while (!text.IsEmpty)
        {
            letter = text[0];
            text = text[1..];
            if (!char.IsPunctuation(letter) && !char.IsSymbol(letter) && !char.IsWhiteSpace(letter))
            {
                return true;
            }
        }

        letter = '\0';
        return false;
    }
}
