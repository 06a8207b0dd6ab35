namespace FastGate.Speech.Settings;

/// <summary>One recogniser or synthesiser as it is configured below <c>Speech:Asr:Providers</c> or <c>Speech:Tts:Providers</c>.</summary>
internal sealed record SpeechProviderSettings
{
    /// <summary>The operator's name for it.</summary>
    public required string Alias { get; init; }

    /// <summary>What it is: <see cref="SpeechProviderTypes"/>.</summary>
    public string Type { get; init; } = "";

    public string? BaseUrl { get; init; }

    public string? ApiKey { get; init; }

    public string? Model { get; init; }

    public string? Voice { get; init; }

    /// <summary>Language of the speech, such as <c>zh</c>; null lets the provider decide.</summary>
    public string? Language { get; init; }

    /// <summary>Samples per second of raw sound that names no rate.</summary>
    public int SampleRate { get; init; } = 24_000;

    /// <summary>Calls at once.</summary>
    public int MaxConcurrency { get; init; } = 64;

    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>From the end of the speech to its words, or from the text to the first sound.</summary>
    public TimeSpan FirstTimeout { get; init; } = TimeSpan.FromSeconds(8);

    /// <summary>Between two pieces of a stream.</summary>
    public TimeSpan BetweenTimeout { get; init; } = TimeSpan.FromSeconds(5);
}
