namespace FastGate.LoadTest.Reports;

/// <summary>An instant at which something changed.</summary>
internal sealed record MarkReport(double Seconds, string Label);
