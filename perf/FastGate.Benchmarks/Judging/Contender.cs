namespace FastGate.Benchmarks.Judging;

/// <summary>One side of a comparison.</summary>
/// <param name="Body">The measured code.</param>
/// <param name="Operations">Operations per call of the body.</param>
/// <param name="Before">Prepares each call of the body, not measured; null when none is needed.</param>
/// <param name="Begin">Called before a round of this side.</param>
/// <param name="End">Called after a round.</param>
internal sealed record Contender(Action Body, int Operations = 1, Action? Before = null, Action? Begin = null, Action? End = null);
