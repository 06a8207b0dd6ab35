namespace FastGate.Flight;

/// <summary>What a verdict means, and the one thing to change.</summary>
/// <param name="Summary">One sentence: what happened.</param>
/// <param name="Remedy">One sentence: what to change.</param>
internal sealed record VerdictText(LocalText Summary, LocalText Remedy);
