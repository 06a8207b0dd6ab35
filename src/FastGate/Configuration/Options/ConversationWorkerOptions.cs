namespace FastGate.Configuration.Options;

/// <summary>How many turns may wait and how many may be at an LLM at once.</summary>
internal sealed record ConversationWorkerOptions
{
    public int Queue { get; init; } = 4_096;
    public int Concurrency { get; init; } = 256;
}
