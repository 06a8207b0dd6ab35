using System.Globalization;
using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;

namespace FastGate.Benchmarks;

/// <summary>Elapsed time until all threads have finished. The other columns show the CPU time of the first thread.</summary>
internal sealed class WallTimeColumn : IColumn
{
    public string Id => nameof(WallTimeColumn);

    public string ColumnName => "Wall";

    public bool AlwaysShow => true;

    public ColumnCategory Category => ColumnCategory.Statistics;

    public int PriorityInCategory => int.MaxValue;

    public bool IsNumeric => true;

    public UnitType UnitType => UnitType.Dimensionless;

    public string Legend => "Median time on the clock for an operation of each thread, ns";

    public string GetValue(Summary summary, BenchmarkCase benchmarkCase) =>
        Threads(benchmarkCase) is { } threads && WallTimes.Median(benchmarkCase.Descriptor.WorkloadMethod.Name, threads) is { } median
            ? median.ToString("N2", CultureInfo.InvariantCulture)
            : "-";

    public string GetValue(Summary summary, BenchmarkCase benchmarkCase, SummaryStyle style) => GetValue(summary, benchmarkCase);

    public bool IsAvailable(Summary summary) => summary.BenchmarksCases.Any(static benchmarkCase => Threads(benchmarkCase) is not null);

    public bool IsDefault(Summary summary, BenchmarkCase benchmarkCase) => false;

    private static int? Threads(BenchmarkCase benchmarkCase) => benchmarkCase.Parameters["Threads"] as int?;
}
