namespace FastGate.Benchmarks.Judging;

/// <summary>A figure the project promises.</summary>
/// <param name="Name">What is measured.</param>
/// <param name="Make">Prepares both sides; the second is null where the promise is an absolute time.</param>
/// <param name="Most">Most that the ratio of the two may be, or most nanoseconds.</param>
internal sealed record JudgedFigure(string Name, Func<(Contender Ours, Contender? Baseline)> Make, double Most);
