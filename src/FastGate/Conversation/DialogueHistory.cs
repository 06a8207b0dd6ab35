namespace FastGate.Conversation;

/// <summary>What is known of a device before its first turn.</summary>
internal sealed record DialogueHistory(string? Summary, IReadOnlyList<DialogueTurn> Turns)
{
    public static DialogueHistory Empty { get; } = new(null, []);
}
