namespace FastGate.Llm.Calls;

/// <summary>
/// Tokens of a text without anybody's tokenizer: a wide character is about one, other text about four characters each. Good to a third, which
/// is enough to bound a history and to count where a provider does not say.
/// </summary>
internal static class TokenEstimate
{
    private const int NarrowPerToken = 4;

    public static int Of(ReadOnlySpan<char> text)
    {
        int wide = 0;
        foreach (char c in text)
        {
            wide += c >= 0x2E80 ? 1 : 0;
        }

        return wide + ((text.Length - wide + NarrowPerToken - 1) / NarrowPerToken);
    }
}
