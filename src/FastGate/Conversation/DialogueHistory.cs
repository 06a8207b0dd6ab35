namespace FastGate.Conversation;

/// <summary>What is known of a device before its first turn.</summary>
internal sealed record DialogueHistory(string? Summary, IReadOnlyList<Exchange> Turns)
{
    public static DialogueHistory Empty { get; } = new(null, []);

    /// <summary>False when the store did not answer and there may be more: worth asking again at a later turn.</summary>
    public bool IsWhole { get; init; } = true;
}
