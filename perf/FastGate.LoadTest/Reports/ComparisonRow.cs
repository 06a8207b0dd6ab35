namespace FastGate.LoadTest.Reports;

/// <summary>One figure of both runs; null where it was not measured.</summary>
internal sealed record ComparisonRow(string Name, double? Earlier, double? Now, double? ChangePercent)
{
    public static ComparisonRow Of(string name, double? earlier, double? now) =>
        new(name, earlier, now, earlier is > 0 && now is not null ? Math.Round((now.Value - earlier.Value) / earlier.Value * 100, 1) + 0.0 : null);
}
