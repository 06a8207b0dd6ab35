using System.CommandLine;
using FastGate.CommandLine.Commands;
using FastGate.CommandLine.Parsing;
using FastGate.Hosting;

namespace FastGate.CommandLine;

/// <summary>All commands. Built only when the command line has words besides settings.</summary>
internal static class CommandTree
{
    public const string TakeOver = "--take-over";

    private const string Description =
        "FastGate, a gateway for fleets of voice devices. Without a command it serves. Every setting is an option of the form "
        + "--FastGate:Devices:Listen=0.0.0.0:8000 or --FastGate:Devices:Listen 0.0.0.0:8000; README.md lists them. "
        + "Other users of this machine can read the command line: set secrets in the environment, as in FastGate__Admin__Token=...";

    /// <param name="settings">The settings of the command line, which every command may have.</param>
    public static RootCommand Create(string[] settings)
    {
        var setup = new CommandSetup(settings);
        var takeOver = new Option<string>(TakeOver)
        {
            HelpName = "socket",
            Description = "Starts by taking over all connections and listeners of the gateway whose FastGate:Restart:HandOverSocket this is.",
        };
        var root = new RootCommand(Description)
        {
            takeOver,
            StatusCommand.Create(setup),
            TopCommand.Create(setup),
            DevicesCommands.Create(setup),
            DiagnosisCommands.Explain(setup),
            DiagnosisCommands.Handshakes(setup),
            ToolCommands.Create(setup),
            TagCommands.Create(setup),
            BanCommands.Create(setup),
            NodeCommands.Create(setup),
            ActivateCommands.Create(setup),
            DrainCommands.Create(setup),
            LlmCommand.Create(setup),
            MemoryCommands.Create(setup),
            ServerCommands.LogLevel(setup),
            ServerCommands.Reload(setup),
            ServerCommands.Audit(setup),
            Restart(setup),
            HealthCheck(setup),
            ConfigCommands.Create(setup),
            TokenCommand.Create(setup),
            SimCommand.Create(setup),
            CompletionCommand.Create(setup),
        };
        root.SetAction(parse => GatewayProgram.ServeAsync(settings, parse.GetValue(takeOver)));
        ExampleHelp.AddTo(root);
        return root;
    }

    private static GatewayCommand Restart(CommandSetup setup) =>
        setup.Acts(new GatewayCommand("restart", "Restarts the server without closing its connections, and waits for the result: exit code 0, or 1 with the reason.", "restart"))
            .Runs(setup, RestartCommand.RunAsync);

    private static GatewayCommand HealthCheck(CommandSetup setup) =>
        new GatewayCommand(
            "healthcheck", "Asks the server that was started in this directory, or the one at --FastGate:Http:Listen, whether it is alive: exit code 0 or 1.", "healthcheck")
            .Runs(setup, static run => HealthProbe.RunAsync(run.Settings));
}
