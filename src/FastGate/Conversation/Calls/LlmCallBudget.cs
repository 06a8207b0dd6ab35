namespace FastGate.Conversation;

/// <summary>The time a call may take in all, whatever is tried within it.</summary>
internal readonly struct LlmCallBudget(TimeSpan total, TimeProvider time)
{
    private readonly long _started = time.GetTimestamp();

    public TimeSpan Elapsed => time.GetElapsedTime(_started);

    public TimeSpan Left => total - Elapsed;
}
