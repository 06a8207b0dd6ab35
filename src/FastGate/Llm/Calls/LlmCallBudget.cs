using FastGate.Llm.Settings;

namespace FastGate.Llm.Calls;

/// <summary>
/// The time limits of a call, over all of its attempts. Background calls have long prompts and no waiting user: they get twice the total, and
/// the total as limit for their first token.
/// </summary>
internal readonly struct LlmCallBudget(LlmTimeouts timeouts, bool background, TimeProvider time)
{
    private readonly long _started = time.GetTimestamp();
    private readonly TimeSpan _total = background ? 2 * timeouts.Total : timeouts.Total;

    public bool IsBackground => background;

    public TimeSpan Elapsed => time.GetElapsedTime(_started);

    public TimeSpan Left => _total - Elapsed;

    /// <summary>Limit of the wait for a slot, and of the wait from the request to the first token.</summary>
    public TimeSpan FirstToken(LlmTimeouts attempt) => background ? attempt.Total : attempt.FirstToken;
}
