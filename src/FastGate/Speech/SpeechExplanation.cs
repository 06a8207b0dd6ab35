namespace FastGate.Speech;

/// <summary>The answer of <c>GET /api/v1/speech</c>. Secrets are masked.</summary>
internal sealed record SpeechExplanation
{
    /// <summary><c>conversation</c>, <c>parrot</c> or <c>off</c>.</summary>
    public required string Mode { get; init; }

    /// <summary>The mode in a sentence, and how to change it.</summary>
    public required string Why { get; init; }

    /// <summary>The Opus library; null before the first audio, which loads it.</summary>
    public string? Codec { get; init; }

    /// <summary>The voice detector in use.</summary>
    public required string Detector { get; init; }

    /// <summary>In the order in which they are asked.</summary>
    public required IReadOnlyList<SpeechProviderExplanation> Recognizers { get; init; }

    /// <summary>In the order in which they are asked.</summary>
    public required IReadOnlyList<SpeechProviderExplanation> Synthesizers { get; init; }

    /// <summary>Bytes of sound that are held, and their bound.</summary>
    public required long MemoryInUse { get; init; }

    public required long MemoryLimit { get; init; }
}
