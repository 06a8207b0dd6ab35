using FastGate.Llm.Settings;

namespace FastGate.Llm.Calls;

/// <summary>
/// The time a call may take in all, whatever is tried within it. A call in the background, whose prompt is long and whom nobody waits for, is
/// given for its first token what others are given for everything, and twice as much in all.
/// </summary>
internal readonly struct LlmCallBudget(LlmTimeouts timeouts, bool background, TimeProvider time)
{
    private readonly long _started = time.GetTimestamp();
    private readonly TimeSpan _total = background ? 2 * timeouts.Total : timeouts.Total;

    public bool IsBackground => background;

    public TimeSpan Elapsed => time.GetElapsedTime(_started);

    public TimeSpan Left => _total - Elapsed;

    /// <summary>For the first token, from the moment the provider has the request.</summary>
    public TimeSpan FirstToken(LlmTimeouts attempt) => background ? attempt.Total : attempt.FirstToken;

    /// <summary>For a free slot, before the provider hears of anything.</summary>
    public TimeSpan Slot(LlmTimeouts attempt) => FirstToken(attempt);
}
