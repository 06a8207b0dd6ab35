namespace FastGate.Llm.Calls;

/// <summary>
/// Estimates tokens without a tokenizer: one per wide character, one per four other characters. The error is up to a third, which is enough to
/// bound a history and to count where a provider reports no usage.
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
