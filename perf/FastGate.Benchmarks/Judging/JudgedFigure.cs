namespace FastGate.Benchmarks.Judging;

/// <summary>A promised figure.</summary>
/// <param name="Name">What is measured.</param>
/// <param name="Make">Creates both sides; the second is null when the promise is an absolute time.</param>
/// <param name="Most">Upper limit of the ratio, or of the nanoseconds.</param>
internal sealed record JudgedFigure(string Name, Func<(Contender Ours, Contender? Baseline)> Make, double Most);
