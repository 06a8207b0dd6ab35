namespace FastGate.Llm.Providers;

/// <summary>Joins a surrogate pair that a server has cut between two chunks. A half without its partner becomes U+FFFD.</summary>
internal sealed class SurrogateJoiner
{
    private const char Replacement = '\uFFFD';

    private char _high;

    /// <summary>The chunk with the half kept from the chunk before it, and without a half at its own end.</summary>
    public string Append(string chunk)
    {
        if (chunk.Length == 0 || (_high == 0 && !chunk.AsSpan().ContainsAnyInRange('\uD800', '\uDFFF')))
        {
            return chunk;
        }

        string text = _high == 0 ? chunk : _high + chunk;
        _high = '\0';
        if (char.IsHighSurrogate(text[^1]))
        {
            _high = text[^1];
            text = text[..^1];
        }

        return string.Create(text.Length, text, static (span, source) =>
        {
            source.CopyTo(span);
            for (int i = 0; i < span.Length; i++)
            {
                if (i + 1 < span.Length && char.IsSurrogatePair(span[i], span[i + 1]))
                {
                    i++;
                }
                else if (char.IsSurrogate(span[i]))
                {
                    span[i] = Replacement;
                }
            }
        });
    }

    /// <summary>What is left when the reply has ended.</summary>
    public string End()
    {
        string rest = _high == 0 ? "" : Replacement.ToString();
        _high = '\0';
        return rest;
    }
}
