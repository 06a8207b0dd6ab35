namespace FastGate.LoadTest.Reports;

/// <summary>One point of a percentile curve.</summary>
internal sealed record PercentileReport(double Percent, double Ms);
