namespace FastGate.LoadTest.Speech;

/// <summary>The mode of <c>listen start</c>.</summary>
internal enum SpeakingMode
{
    /// <summary>The server finds the end of the utterance; the microphone is off while the device speaks.</summary>
    Auto,

    /// <summary>The user holds a button while he speaks.</summary>
    Manual,

    /// <summary>The microphone is always on.</summary>
    Realtime,
}
