using System.CommandLine;
using System.Text.Json.Nodes;
using FastGate.CommandLine.Output;
using FastGate.CommandLine.Parsing;

namespace FastGate.CommandLine.Commands;

/// <summary>The commands <c>log-level</c>, <c>reload</c> and <c>audit</c>.</summary>
internal static class ServerCommands
{
    private static readonly string[] s_levels = ["Trace", "Debug", "Information", "Warning", "Error", "Critical", "None"];

    private static readonly Column[] s_audit =
    [
        new("at", "at", JsonText.Time),
        new("role", "role"),
        new("address", "address"),
        new("act", "act"),
        new("target", "target"),
        new("status", "status"),
        new("outcome", "outcome"),
        new("request", "requestId"),
    ];

    public static Command LogLevel(CommandSetup setup)
    {
        GatewayCommand command = setup.Acts(new GatewayCommand(
            "log-level", "Shows the log levels, or changes one until the server stops or the time is over.", "log-level", "log-level Debug --category FastGate.Connections --minutes 10", "log-level --reset"));
        var level = new Argument<string?>("level") { Arity = ArgumentArity.ZeroOrOne, HelpName = "level", Description = $"The new level ({string.Join(", ", s_levels)}); without it, the levels are shown." };
        level.AcceptOnlyFromAmong(StringComparer.OrdinalIgnoreCase, s_levels);
        var category = new Option<string>("--category") { HelpName = "name", Description = "Only this category of the log." };
        var minutes = new Option<int?>("--minutes") { HelpName = "count", Description = "Returns to the configured level after so many minutes." };
        var reset = new Option<bool>("--reset") { Description = "Returns to the configured level." };
        command.Arguments.Add(level);
        command.Options.Add(reset);
        command.Options.Add(category);
        command.Options.Add(minutes);
        return command.Runs(setup, async run =>
        {
            string? chosen = run.Value(level);
            if (chosen is null && !run.Value(reset))
            {
                return run.Show(await run.GetAsync("log-level"), shown => DocumentText.Write(run.Output, shown));
            }

            JsonObject body = [];
            if (chosen is not null)
            {
                body["level"] = s_levels.First(name => name.Equals(chosen, StringComparison.OrdinalIgnoreCase));
            }

            if (run.Value(category) is { } name)
            {
                body["category"] = name;
            }

            if (run.Value(minutes) is { } count)
            {
                body["minutes"] = count;
            }

            return run.Done(await run.PutAsync("log-level", body), $"{run.Value(category) ?? "all categories"}: {chosen ?? "as configured"}");
        });
    }

    public static Command Reload(CommandSetup setup)
    {
        GatewayCommand reload = setup.Acts(new GatewayCommand(
            "reload", "Reads the configuration files again. An invalid configuration changes nothing.", "reload", "reload --all-nodes"));
        var all = new Option<bool>("--all-nodes") { Description = "Every node of the cluster reads its own files." };
        reload.Options.Add(all);
        return reload.Runs(setup, async run => run.Done(await run.PostAsync(run.Value(all) ? "reload?nodes=all" : "reload"), "the configuration is reloaded"));
    }

    public static Command Audit(CommandSetup setup)
    {
        GatewayCommand audit = setup.Reads(new GatewayCommand("audit", "Lists the last acts, newest first: who did what to what, and with which result.", "audit --limit 20"));
        var limit = new Option<int>("--limit") { HelpName = "count", DefaultValueFactory = static _ => 100, Description = "Stops after so many acts." };
        audit.Options.Add(limit);
        return audit.Runs(setup, run => run.ShowListAsync("audit", "acts", run.Value(limit), s_audit));
    }
}
