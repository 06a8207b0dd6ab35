namespace FastGate.Speech.Hearing;

/// <summary>Finds speech in sound. Belongs to one speech worker.</summary>
internal interface IVoiceDetector : IDisposable
{
    /// <summary>Judges one window of each stream and stores the answer in it. The streams do not influence each other.</summary>
    void Detect(ReadOnlySpan<VoiceStream> streams);
}
