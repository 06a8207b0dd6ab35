namespace FastGate.Configuration.Options;

/// <summary>Bounds of the work that never runs on a connection's loop.</summary>
internal sealed record WorkerOptions
{
    public ConversationWorkerOptions Conversation { get; init; } = new();
    public MemoryWorkerOptions Memory { get; init; } = new();
}
