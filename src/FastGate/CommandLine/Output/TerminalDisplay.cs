using Spectre.Console;

namespace FastGate.CommandLine.Output;

/// <summary>A table on the terminal that is redrawn in place, with the history of each number. The only type that loads Spectre.Console.</summary>
internal sealed class TerminalDisplay : ILiveDisplay
{
    private const int HistoryLength = 40;
    private const string Levels = " ▁▂▃▄▅▆▇█";

    private readonly LiveDisplayContext _context;
    private readonly Dictionary<string, Queue<double>> _history = [];

    private TerminalDisplay(LiveDisplayContext context) => _context = context;

    /// <summary>Runs the body with a display that fits the output. The output is never cleared, so the last state stays readable.</summary>
    public static Task RunAsync(TextWriter output, Func<ILiveDisplay, Task> body) =>
        Console.IsOutputRedirected || output != Console.Out || Environment.GetEnvironmentVariable("TERM") is null or "" or "dumb"
            ? body(new PlainDisplay(output))
            : RunLiveAsync(body);

    public void Show(string title, IReadOnlyList<LiveRow> rows)
    {
        Table table = new Table().Border(TableBorder.Simple).AddColumn(new TableColumn(new Text(title))).AddColumn(new TableColumn("now").RightAligned()).AddColumn("");
        foreach (LiveRow row in rows)
        {
            table.AddRow(new Text(row.Name), new Text(row.Value), new Text(row.Number is { } number ? Spark(row.Name, number) : ""));
        }

        _context.UpdateTarget(table);
    }

    private static Task RunLiveAsync(Func<ILiveDisplay, Task> body) =>
        AnsiConsole.Live(new Text("connecting ...")).Overflow(VerticalOverflow.Crop).Cropping(VerticalOverflowCropping.Bottom)
            .StartAsync(context => body(new TerminalDisplay(context)));

    private string Spark(string name, double number)
    {
        if (!_history.TryGetValue(name, out Queue<double>? history))
        {
            _history[name] = history = new Queue<double>(HistoryLength + 1);
        }

        history.Enqueue(number);
        if (history.Count > HistoryLength)
        {
            history.Dequeue();
        }

        double most = Math.Max(history.Max(), double.Epsilon);
        return string.Concat(history.Select(value => Levels[(int)Math.Round(Math.Clamp(value / most, 0, 1) * (Levels.Length - 1))]));
    }
}
