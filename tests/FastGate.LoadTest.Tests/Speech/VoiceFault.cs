namespace FastGate.LoadTest.Tests.Speech;

/// <summary>What a <see cref="FaultyVoice"/> does wrong in its answer.</summary>
public enum VoiceFault
{
    None,
    LoseFrame,
    LoseEnd,
    DoubleFrame,
    SwapFrames,
    WrongNumber,
    FrameBeforeStart,
    FrameAfterStop,
    NoFrame,
}
