using System.Globalization;
using FastGate.LoadTest.Load;
using FastGate.LoadTest.Reports;
using Spectre.Console;

namespace FastGate.LoadTest.Commands;

/// <summary>A table on the terminal, redrawn with every sample.</summary>
internal sealed class TerminalProgress : IRunProgress
{
    private const int Bars = 48;
    private const string Levels = " ▁▂▃▄▅▆▇█";

    private readonly LiveDisplayContext _display;
    private readonly string _operation;
    private readonly List<double?> _latency = [];
    private readonly List<double?> _throughput = [];
    private readonly List<double?> _serverCpu = [];
    private readonly List<double?> _serverMb = [];
    private readonly List<double?> _driverCpu = [];

    private TerminalProgress(LiveDisplayContext display, string operation)
    {
        _display = display;
        _operation = operation;
    }

    public static T Run<T>(IAnsiConsole console, string operation, Func<IRunProgress, T> run) =>
        console.Live(new Text("connecting ...")).AutoClear(true).Start(display => run(new TerminalProgress(display, operation)));

    public void Show(string stage, SampleReport sample, long failed, long lost)
    {
        Table table = new Table().Border(TableBorder.Rounded)
            .AddColumn(string.Create(CultureInfo.InvariantCulture, $"{stage}, {sample.Seconds:0.0} s"))
            .AddColumn(new TableColumn("now").RightAligned())
            .AddColumn("so far");
        table.AddRow("devices", Number(sample.Open, ""), string.Create(CultureInfo.InvariantCulture, $"failed {failed}, lost {lost}"));
        Row(table, Markup.Escape(_operation) + "s a second", sample.OperationsPerSecond, "", _throughput);
        table.AddRow("p50", Number(sample.P50Ms, " ms"), "");
        Row(table, "p99", sample.P99Ms, " ms", _latency);
        Row(table, "server CPU", sample.ServerCpuPercent, " %", _serverCpu);
        Row(table, "server memory", sample.ServerMb, " MB", _serverMb);
        Row(table, "driver CPU", sample.DriverCpuPercent, " %", _driverCpu);
        _display.UpdateTarget(table);
    }

    private static void Row(Table table, string name, double? value, string unit, List<double?> history)
    {
        history.Add(value);
        table.AddRow(name, Number(value, unit), Spark(history));
    }

    internal static string Spark(IReadOnlyList<double?> history)
    {
        double most = Math.Max(history.Max() ?? 0, double.Epsilon);
        return string.Concat(history.Skip(Math.Max(0, history.Count - Bars))
            .Select(value => Levels[value is null ? 0 : (int)Math.Round(value.Value / most * (Levels.Length - 1))]));
    }

    private static string Number(double? value, string unit) =>
        value is null ? "-" : value.Value.ToString("#,0.##", CultureInfo.InvariantCulture) + unit;
}
