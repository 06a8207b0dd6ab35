using FastGate.Configuration.Validation;
using Microsoft.Extensions.Options;

namespace FastGate.Configuration.Options;

/// <summary>What the gateway does with sound.</summary>
internal sealed record SpeechOptions : IOptionSection
{
    public SpeechMode Mode { get; init; } = SpeechMode.Auto;

    /// <summary>Megabytes of sound held for all devices. At the bound a device hears the busy line.</summary>
    [WholeNumber(1, 1_048_576)]
    public int MemoryMegabytes { get; init; } = 256;

    [ValidateObjectMembers]
    public SpeechVadOptions Vad { get; init; } = new();

    [ValidateObjectMembers]
    public SpeechOpusOptions Opus { get; init; } = new();
}

/// <summary>What an utterance becomes.</summary>
internal enum SpeechMode
{
    /// <summary>A conversation when a recogniser is configured, else <see cref="Parrot"/>.</summary>
    Auto,

    /// <summary>What was said is played back: proves microphone, speaker and everything between.</summary>
    Parrot,

    /// <summary>Sound is counted and dropped; devices get text only.</summary>
    Off,
}

/// <summary>When an utterance begins and ends. Times are of the sound.</summary>
internal sealed record SpeechVadOptions : IOptionSection
{
    /// <summary>Path of Silero's <c>silero_vad.onnx</c>. Without it speech is found by its energy, which is worse in noise.</summary>
    [Text(4_096)]
    public string? Model { get; init; }

    /// <summary>Silence that ends an utterance.</summary>
    [Duration("00:00:00.100", "00:00:10")]
    public TimeSpan Silence { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Sound before the first voice that belongs to the utterance.</summary>
    [Duration("00:00:00", "00:00:02")]
    public TimeSpan PreRoll { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Voice that an utterance must contain; less is noise.</summary>
    [Duration("00:00:00", "00:00:05")]
    public TimeSpan MinVoice { get; init; } = TimeSpan.FromMilliseconds(160);

    /// <summary>The longest utterance.</summary>
    [Duration("00:00:01", "00:05:00")]
    public TimeSpan MaxUtterance { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Time without a packet that ends an utterance: devices may send nothing during silence.</summary>
    [Duration("00:00:00.200", "00:00:10")]
    public TimeSpan NoPacket { get; init; } = TimeSpan.FromMilliseconds(700);

    /// <summary>Percent of certainty from which a window of sound is voice.</summary>
    [WholeNumber(1, 99)]
    public int Threshold { get; init; } = 50;

    /// <summary>Percent of certainty below which a window is silence.</summary>
    [WholeNumber(1, 99)]
    public int LowThreshold { get; init; } = 30;
}

/// <summary>How speech to devices is encoded.</summary>
internal sealed record SpeechOpusOptions : IOptionSection
{
    /// <summary>Bits per second.</summary>
    [WholeNumber(6_000, 128_000)]
    public int Bitrate { get; init; } = 24_000;

    /// <summary>0 costs the least processor time, 10 sounds best.</summary>
    [WholeNumber(0, 10)]
    public int Complexity { get; init; } = 3;

    /// <summary>Threads that encode the sound of all devices; 0 is one for two cores.</summary>
    [WholeNumber(0, 64)]
    public int Threads { get; init; }
}
