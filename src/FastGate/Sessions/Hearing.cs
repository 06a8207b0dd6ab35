using FastGate.Diagnostics;
using FastGate.Speech.Hearing;

namespace FastGate.Sessions;

/// <summary>What a device's ear reports to the loop. The loop ignores reports of an ear that the device has closed.</summary>
internal sealed record Hearing(DeviceEar Ear, HearingKind Kind)
{
    /// <summary>The words, for <see cref="HearingKind.Words"/> and <see cref="HearingKind.PartialWords"/>.</summary>
    public string Text { get; init; } = "";

    /// <summary>When they were said, for <see cref="HearingKind.Words"/>.</summary>
    public HeardUtterance? Heard { get; init; }

    /// <summary>The sound, for <see cref="HearingKind.Sound"/>. The loop claims it.</summary>
    public Utterance? Utterance { get; init; }

    /// <summary>The recogniser had no free slot, for <see cref="HearingKind.Failed"/>.</summary>
    public bool IsBusy { get; init; }

    /// <summary>Cancelled when the device does not want an answer to what it said.</summary>
    public CancellationToken Forgotten { get; init; }

    /// <summary>An utterance without words.</summary>
    public bool IsNoise => Kind == HearingKind.Words && string.IsNullOrWhiteSpace(Text);

    public bool IsForgotten => Forgotten.IsCancellationRequested;

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
    /// <summary>The user speaks: enough voice to be words.</summary>
    SpeechStarted,

    /// <summary>Words that may be the whole utterance. Empty when the words of the previous report were wrong.</summary>
    PartialWords,

    /// <summary>An utterance has become words; none when it was noise.</summary>
    Words,

    /// <summary>An utterance, to be played back.</summary>
    Sound,

    /// <summary>The recogniser failed.</summary>
    Failed,

    /// <summary>A defect has ended what the capture hears.</summary>
    Faulted,

    /// <summary>There is no memory for more sound.</summary>
    Refused,
}
