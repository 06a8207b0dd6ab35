namespace FastGate.Benchmarks.Judging;

/// <summary>One side of a comparison.</summary>
/// <param name="Body">What is measured.</param>
/// <param name="Operations">How often the body does it.</param>
/// <param name="Before">Prepares each call of the body, unmeasured; null when the body may be called again and again.</param>
/// <param name="Begin">Before a round of this side.</param>
/// <param name="End">After it.</param>
internal sealed record Contender(Action Body, int Operations = 1, Action? Before = null, Action? Begin = null, Action? End = null);
