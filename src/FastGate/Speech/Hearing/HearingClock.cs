namespace FastGate.Speech.Hearing;

/// <summary>
/// The time that a speech worker has seen pass, in milliseconds. While the process is stopped or the thread has no processor, no packet can arrive: such
/// a pause counts as one step, so that it is not the silence that ends an utterance.
/// </summary>
internal struct HearingClock
{
    /// <summary>Ten rounds.</summary>
    public const int LongestStepMs = 10 * SpeechWorker.RoundMs;

    private long _readAtMs;
    private long _nowMs;

    /// <param name="tickMs">The time of the system; never earlier than in the call before.</param>
    public long Read(long tickMs)
    {
        _nowMs += Math.Min(tickMs - _readAtMs, LongestStepMs);
        _readAtMs = tickMs;
        return _nowMs;
    }
}
