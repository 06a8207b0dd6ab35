using System.CommandLine;
using FastGate.LoadTest.Linux;
using FastGate.LoadTest.Load;
using FastGate.LoadTest.Measure;
using FastGate.LoadTest.Reports;
using FastGate.LoadTest.Scenarios;
using FastGate.LoadTest.Servers;
using Spectre.Console;

namespace FastGate.LoadTest.Commands;

/// <summary>Runs the scenario of a parsed command line and returns the exit status.</summary>
internal static class ScenarioRunner
{
    public const int Passed = 0;
    public const int ThresholdMissed = 1;
    public const int NotMeasured = 2;

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
            return NotMeasured;
        }

        Scenario scenario = create(settings);
        using var owned = scenario as IDisposable;
        Thresholds thresholds = SettingsReader.ReadThresholds(parsed, shared);
        RunReport? earlier = null;
        string? reason = scenario.Check() ?? CheckServerOptions(parsed, shared, thresholds.NeedsServer) ?? CheckFile(parsed, shared.Json) ?? CheckFile(parsed, shared.Html) ?? CheckFile(parsed, shared.ServerLog)
            ?? (parsed.GetValue(shared.Compare) is { } file ? EarlierRun.Read(file, scenario.Name, out earlier) : null);
        if (reason is not null)
        {
            errors.WriteLine(reason);
            return NotMeasured;
        }

        try
        {
            // People share reports, so they must not contain the token.
            string command = "FastGate.LoadTest " + string.Join(' ', parsed.Tokens.Select(token => token.Value == settings.Token ? "***" : token.Value));
            using StartedServer? server = parsed.GetValue(shared.StartServer) ? StartServer(parsed, shared, settings.Threads, scenario.Prepare(), output, stop) : null;
            if (server is not null)
            {
                settings = settings with { Target = server.Target, ServerPid = server.ProcessId };
                scenario.Use(server);
            }

            if (scenario.WarmsUp)
            {
                WarmUpServer(settings, create, output, stop);
            }

            RunReport report = thresholds.Judge(Execute(settings, scenario, command, output, stop));
            IReadOnlyList<ThresholdResult> required = scenario.Judge(report);
            report = report with { Thresholds = [.. report.Thresholds, .. required], Passed = report.Passed && required.All(static result => result.Passed) };
            report = earlier is null ? report : report with { Comparison = ComparisonReport.Of(report, earlier) };
            SummaryWriter.Write(output, report);
            WriteFile(parsed.GetValue(shared.Json), () => JsonReport.Write(report));
            WriteFile(parsed.GetValue(shared.Html), () => HtmlReport.Write(report));
            return report.Passed ? Passed : ThresholdMissed;
        }
        catch (OperationCanceledException)
        {
            errors.WriteLine("Stopped before anything was measured.");
            return NotMeasured;
        }
        catch (Exception exception) when (exception is LoadFailedException or IOException or UnauthorizedAccessException)
        {
            errors.WriteLine(exception.Message);
            return NotMeasured;
        }
    }

    /// <summary>Starts the server on its processors, after this process has moved to the others.</summary>
    private static StartedServer StartServer(ParseResult parsed, SharedOptions shared, int threads, IEnumerable<string> options, TextWriter output, CancellationToken stop)
    {
        _ = AllowedProcessors.TryReadList(parsed.GetValue(shared.ServerProcessors) ?? "", out IReadOnlyCollection<int> chosen);
        var plan = ProcessorPlan.Create(AllowedProcessors.Of(Environment.ProcessId), chosen.Count == 0 ? null : chosen, threads);
        if (plan.Driver is { } own)
        {
            Processors.UseForProcess(own);
            output.WriteLine($"server on processor {string.Join(',', plan.Server ?? [])}, driver on processor {string.Join(',', own)}");
        }

        return StartedServer.Start([.. options, .. parsed.GetValue(shared.ServerOption) ?? []], plan.Server, stop, parsed.GetValue(shared.Server), parsed.GetValue(shared.ServerLog));
    }

    private static string? CheckServerOptions(ParseResult parsed, SharedOptions shared, bool needsServer)
    {
        bool starts = parsed.GetValue(shared.StartServer);
        bool Given(Option option) => parsed.GetResult(option) is { Implicit: false };
        return starts && (Given(shared.Target) || Given(shared.ServerPid)) ? "--start-server starts its own server: do not combine it with --target or --server-pid."
            : !starts && (Given(shared.ServerOption) || Given(shared.ServerProcessors) || Given(shared.Server) || Given(shared.ServerLog)) ? "--server, --server-log, --server-option and --server-processors need --start-server."
            : !starts && parsed.CommandResult.Command.Name == "restart" ? "restart needs --start-server: it restarts only a server of its own."
            : parsed.GetValue(shared.ServerProcessors) is { } list && !AllowedProcessors.TryReadList(list, out _) ? "--server-processors: a list such as 0 or 0-3,7."
            : needsServer && !starts && !Given(shared.ServerPid) ? "A threshold of the server's CPU or memory needs --server-pid or --start-server."
            : null;
    }

    /// <summary>Checks before the run that the file can be written. Leaves no new file behind.</summary>
    private static string? CheckFile(ParseResult parsed, Option<string?> option)
    {
        if (parsed.GetValue(option) is not { } path)
        {
            return null;
        }

        try
        {
            bool exists = File.Exists(path);
            File.Open(path, FileMode.OpenOrCreate, FileAccess.Write).Dispose();
            if (!exists)
            {
                File.Delete(path);
            }

            return null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            return $"{option.Name} '{path}' cannot be written: {exception.Message}";
        }
    }

    /// <summary>Runs the scenario with fewer devices, so that the server's code is compiled, and discards the result.</summary>
    private static void WarmUpServer(LoadSettings settings, Func<LoadSettings, Scenario> create, TextWriter output, CancellationToken stop)
    {
        if (settings.WarmUp == TimeSpan.Zero)
        {
            return;
        }

        const int MostDevices = 500;
        LoadSettings small = settings with
        {
            Devices = Math.Min(settings.Devices, MostDevices),
            Lead = TimeSpan.Zero,
            Duration = settings.WarmUp,
            CutAfter = settings.CutAfter < settings.WarmUp ? settings.CutAfter : settings.WarmUp / 2,
        };

        // The rate of all devices where these few can send at it.
        small = create(small).Check() is null ? small : small with { Rate = settings.Rate * small.Devices / settings.Devices };
        output.WriteLine("warming up");
        new LoadRun(small, create(small), new NoProgress(), "", stop).Execute();
        stop.ThrowIfCancellationRequested();
    }

    private static RunReport Execute(LoadSettings settings, Scenario scenario, string command, TextWriter output, CancellationToken stop)
    {
        RunReport Go(IRunProgress progress) => new LoadRun(settings, scenario, progress, command, stop).Execute();

        // A table on a terminal, lines for logs and pipes.
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
