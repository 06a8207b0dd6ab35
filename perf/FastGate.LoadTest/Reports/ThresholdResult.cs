namespace FastGate.LoadTest.Reports;

/// <summary>The result of one threshold.</summary>
/// <param name="Option">Its name on the command line.</param>
/// <param name="What">The judged figure.</param>
/// <param name="Limit">The limit.</param>
/// <param name="Actual">The measured value; null when it was not measured, which counts as missed.</param>
/// <param name="Passed">True when the limit is met.</param>
internal sealed record ThresholdResult(string Option, string What, double Limit, double? Actual, bool Passed);
