namespace FastGate.Benchmarks.Judging;

/// <summary>A figure the project promises.</summary>
/// <param name="Name">What is measured.</param>
/// <param name="Make">
/// Prepares both sides; the second is null where the promise is an absolute time. The third is what both do besides, and is taken off both.
/// </param>
/// <param name="Most">Most that the ratio of the two may be, or most nanoseconds; infinite where it is only told.</param>
internal sealed record JudgedFigure(string Name, Func<(Contender Ours, Contender? Baseline, Contender? Besides)> Make, double Most);
