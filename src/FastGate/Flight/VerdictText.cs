namespace FastGate.Flight;

/// <summary>The meaning of a verdict, and the one change that remedies it.</summary>
/// <param name="Summary">One sentence: what happened.</param>
/// <param name="Remedy">One sentence: what to change.</param>
internal sealed record VerdictText(LocalText Summary, LocalText Remedy);
