using System.CommandLine;
using FastGate.LoadTest.Load;
using FastGate.LoadTest.Reports;
using FastGate.LoadTest.Scenarios;
using Spectre.Console;

namespace FastGate.LoadTest.Commands;

/// <summary>From a parsed command line to the exit status.</summary>
internal static class ScenarioRunner
{
    public const int Held = 0;
    public const int Missed = 1;
    public const int Nothing = 2;

    public static int Run(
        ParseResult parsed,
        SharedOptions shared,
        ScenarioOptions own,
        Func<LoadSettings, Scenario> create,
        TextWriter output,
        TextWriter errors,
        CancellationToken stop)
    {
        if (!SettingsReader.TryRead(parsed, shared, own, out LoadSettings? settings, out string error))
        {
            errors.WriteLine(error);
            return Nothing;
        }

        Scenario scenario = create(settings);
        Thresholds thresholds = SettingsReader.ReadThresholds(parsed, shared);
        if (scenario.Check() is { } objection)
        {
            errors.WriteLine(objection);
            return Nothing;
        }

        if (thresholds.NeedsServer && settings.ServerPid == 0)
        {
            errors.WriteLine("A threshold of the server's CPU or memory needs --server-pid.");
            return Nothing;
        }

        try
        {
            string command = "FastGate.LoadTest " + string.Join(' ', parsed.Tokens.Select(token => token.Value));
            RunReport report = thresholds.Judge(Execute(settings, scenario, command, output, stop));
            SummaryWriter.Write(output, report);
            WriteFile(parsed.GetValue(shared.Json), () => JsonReport.Write(report));
            WriteFile(parsed.GetValue(shared.Html), () => HtmlReport.Write(report));
            return report.Passed ? Held : Missed;
        }
        catch (Exception exception) when (exception is LoadFailedException or IOException or UnauthorizedAccessException)
        {
            errors.WriteLine(exception.Message);
            return Nothing;
        }
    }

    private static RunReport Execute(LoadSettings settings, Scenario scenario, string command, TextWriter output, CancellationToken stop)
    {
        RunReport Go(IRunProgress progress) => new LoadRun(settings, scenario, progress, command, stop).Execute();

        // A terminal gets a table; whatever else reads along gets lines.
        return ReferenceEquals(output, Console.Out) && !Console.IsOutputRedirected && AnsiConsole.Profile.Capabilities.Interactive
            ? TerminalProgress.Run(AnsiConsole.Console, scenario.Operation, Go)
            : Go(new PlainProgress(output));
    }

    private static void WriteFile(string? path, Func<string> write)
    {
        if (path is not null)
        {
            File.WriteAllText(path, write());
        }
    }
}
