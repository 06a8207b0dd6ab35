namespace FastGate.Conversation;

/// <summary>What memory holds of a device before its first turn.</summary>
internal sealed record DialogueHistory(string? Summary, IReadOnlyList<Exchange> Turns)
{
    public static DialogueHistory Empty { get; } = new(null, []);

    /// <summary>False when the store did not answer: there may be more, and a later turn loads again.</summary>
    public bool IsWhole { get; init; } = true;

    /// <summary>True when another server, which the device has just left, may still save turns of it.</summary>
    public bool MayGrow { get; init; }
}
