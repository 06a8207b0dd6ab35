namespace FastGate.LoadTest.Reports;

/// <summary>One threshold and what became of it.</summary>
/// <param name="Option">Its name on the command line.</param>
/// <param name="What">What it is about.</param>
/// <param name="Limit">As asked for.</param>
/// <param name="Actual">Null when the run could not measure it, which is a miss.</param>
/// <param name="Passed">Held.</param>
internal sealed record ThresholdResult(string Option, string What, double Limit, double? Actual, bool Passed);
