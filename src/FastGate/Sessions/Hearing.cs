using FastGate.Diagnostics;
using FastGate.Speech.Hearing;

namespace FastGate.Sessions;

/// <summary>What a device's ear reports to the loop. The loop ignores reports of an ear that the device has closed.</summary>
internal sealed record Hearing(DeviceEar Ear, HearingKind Kind)
{
    /// <summary>The words, for <see cref="HearingKind.Words"/>.</summary>
    public string Text { get; init; } = "";

    /// <summary>When they were said, for <see cref="HearingKind.Words"/>.</summary>
    public HeardUtterance? Heard { get; init; }

    /// <summary>The sound, for <see cref="HearingKind.Sound"/>. The loop claims it.</summary>
    public Utterance? Utterance { get; init; }

    /// <summary>The report is not read. Loop only.</summary>
    public void Drop()
    {
        if (Utterance is { } utterance && utterance.TryClaim())
        {
            utterance.Release();
        }
    }
}

/// <summary>Kind of a <see cref="Hearing"/>.</summary>
internal enum HearingKind
{
    /// <summary>The user has begun to speak.</summary>
    SpeechStarted,

    /// <summary>An utterance has become words; none when it was noise.</summary>
    Words,

    /// <summary>An utterance, to be played back.</summary>
    Sound,

    /// <summary>The recogniser failed.</summary>
    Failed,

    /// <summary>There is no memory for more sound.</summary>
    Refused,
}
