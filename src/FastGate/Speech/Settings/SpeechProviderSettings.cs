namespace FastGate.Speech.Settings;

/// <summary>One recogniser or synthesiser as it is configured below <c>Speech:Asr:Providers</c> or <c>Speech:Tts:Providers</c>.</summary>
internal sealed record SpeechProviderSettings
{
    /// <summary>The operator's name for it.</summary>
    public required string Alias { get; init; }

    /// <summary>The type of the provider, one of <see cref="SpeechProviderTypes"/>.</summary>
    public string Type { get; init; } = "";

    public string? BaseUrl { get; init; }

    public string? ApiKey { get; init; }

    public string? Model { get; init; }

    public string? Voice { get; init; }

    /// <summary>Language of the speech, such as <c>zh</c>; null lets the provider decide.</summary>
    public string? Language { get; init; }

    /// <summary>How fast a voice speaks, 1 being its own pace; null leaves it to the provider.</summary>
    public double? Speed { get; init; }

    /// <summary>What a synthesiser is asked for: <c>pcm</c>, <c>wav</c> or <c>opus</c> in Ogg. The answer is read by what it is.</summary>
    public string Format { get; init; } = "pcm";

    /// <summary>True: the peer of a TLS connection is not verified, as runtimes with their own certificate need.</summary>
    public bool AcceptAnyCertificate { get; init; }

    /// <summary>True: a whole stretch that the server reports while the device is silent ends the utterance at once.</summary>
    public bool EndsUtterance { get; init; }

    /// <summary>Silence after which the model is asked with the partial words of a streaming recogniser; zero waits for the whole words.</summary>
    public TimeSpan EarlyStart { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>Samples per second of raw sound that names no rate.</summary>
    public int SampleRate { get; init; } = 24_000;

    /// <summary>Calls at once.</summary>
    public int MaxConcurrency { get; init; } = 64;

    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>From the end of the speech to its words, or from the text to the first sound.</summary>
    public TimeSpan FirstTimeout { get; init; } = TimeSpan.FromSeconds(8);

    /// <summary>Between two pieces of a stream.</summary>
    public TimeSpan BetweenTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Why this provider is asked.</summary>
    public string Why { get; init; } = "";

    /// <summary>The settings that the operator has written and where, without secrets.</summary>
    public IReadOnlyList<SpeechSettingOrigin> Origins { get; init; } = [];
}
