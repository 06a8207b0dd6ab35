namespace FastGate.Speech.Hearing;

/// <summary>What decides where an utterance begins and ends.</summary>
internal enum CaptureMode
{
    /// <summary>The detector finds one utterance; then the capture pauses.</summary>
    One,

    /// <summary>The detector finds utterance after utterance.</summary>
    Continuous,

    /// <summary>Everything until <see cref="Capture.Finish"/> is one utterance.</summary>
    Whole,
}
