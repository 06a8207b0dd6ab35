namespace FastGate.Speech.Hearing;

/// <summary>When an utterance begins and ends. Times are of the sound, in milliseconds, unless they say otherwise.</summary>
internal sealed record EndpointSettings
{
    /// <summary>A window at least this likely to hold speech is voice.</summary>
    public float Threshold { get; init; } = 0.5f;

    /// <summary>A window less likely than this is silence; between the two the last answer holds.</summary>
    public float LowThreshold { get; init; } = 0.3f;

    /// <summary>Silence after which the utterance has ended.</summary>
    public int SilenceMs { get; init; } = 500;

    /// <summary>Voice that an utterance must contain; less is noise.</summary>
    public int MinVoiceMs { get; init; } = 160;

    /// <summary>Sound before the first voice that is kept: the first consonant is quieter than the threshold.</summary>
    public int PreRollMs { get; init; } = 500;

    /// <summary>The longest utterance.</summary>
    public int MaxMs { get; init; } = 30_000;

    /// <summary>Wall-clock time without a packet after which a begun utterance has ended: encoders send nothing during silence.</summary>
    public int NoPacketMs { get; init; } = 700;
}
