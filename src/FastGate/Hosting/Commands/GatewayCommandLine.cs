using System.CommandLine;
using FastGate.Configuration.Loading;
using FastGate.Restart;
using Microsoft.Extensions.Configuration;

namespace FastGate.Hosting.Commands;

/// <summary>The commands of the executable. Without a command it serves; each <c>--FastGate:Key=value</c> is configuration.</summary>
internal static class GatewayCommandLine
{
    private const int UsageError = 2;
    private const string TakeOver = "--take-over";

    private const string Description =
        "FastGate, a gateway for fleets of voice devices. Without a command it serves. Every setting is an option of the form "
        + "--FastGate:Devices:Listen=0.0.0.0:8000 or --FastGate:Devices:Listen 0.0.0.0:8000; README.md lists them. "
        + "Other users of this machine can read the command line: set secrets in the environment, as in FastGate__Admin__Token=...";

    public static async Task<int> RunAsync(string[] args)
    {
        var root = new RootCommand(Description) { TreatUnmatchedTokensAsErrors = false };
        var check = new Command("healthcheck", "Asks the gateway that runs in this working directory, or the one at --FastGate:Http:Listen, whether it is alive: exit status 0 or 1.")
        {
            TreatUnmatchedTokensAsErrors = false,
        };
        root.Subcommands.Add(check);
        var restart = new Command(
            "restart",
            "Restarts the gateway that runs in this working directory, or the one at --FastGate:Admin:Listen, without closing its connections: exit status 0 or 1.")
        {
            TreatUnmatchedTokensAsErrors = false,
        };
        root.Subcommands.Add(restart);
        root.Subcommands.Add(Config());
        var takeOver = new Option<string>(TakeOver)
        {
            HelpName = "socket",
            Description = "Starts by taking over all connections and listeners of the gateway whose FastGate:Restart:HandOverSocket this is.",
        };
        root.Options.Add(takeOver);
        root.SetAction(parse => args.Contains(Rehearsal.Argument)
            ? CheckedAsync([.. args.Where(static arg => arg != Rehearsal.Argument)], root, RehearseCommand.RunAsync)
            : parse.GetValue(takeOver) is string socket
                ? CheckedAsync(SettingsWithoutTakeOver(args), root, settings => GatewayProgram.ServeAsync(settings, socket))
                : CheckedAsync(args, root, GatewayProgram.ServeAsync));
        restart.SetAction(_ => CheckedAsync([.. args.Where(arg => arg != restart.Name)], root, RestartCommand.RunAsync));
        check.SetAction(_ => CheckedAsync([.. args.Where(arg => arg != check.Name)], root, HealthProbe.RunAsync));

        // A value may begin with an at sign, so it is no name of a file with further arguments.
        var parser = new ParserConfiguration { ResponseFileTokenReplacer = null };
        ParseResult parsed = root.Parse(args is ["help", ..] ? ["--help"] : args, parser);
        int status = await parsed.InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null });
        return parsed.Errors.Count > 0 ? UsageError : status;
    }

    /// <summary>The arguments without the option, which has its value behind an equals sign or as the next argument.</summary>
    private static string[] SettingsWithoutTakeOver(string[] args) =>
        [.. args.Where((arg, index) => arg != TakeOver && !arg.StartsWith($"{TakeOver}=", StringComparison.Ordinal) && (index == 0 || args[index - 1] != TakeOver))];

    /// <summary>Runs a command whose arguments are settings only, or reports the first argument that is not a setting.</summary>
    private static async Task<int> CheckedAsync(string[] settings, RootCommand root, Func<string[], Task<int>> run)
    {
        if (SettingArguments.FindError(settings, [.. root.Subcommands.Select(static command => command.Name), "help"]) is not string error)
        {
            return await run(settings);
        }

        await Console.Error.WriteLineAsync($"{error}\nFastGate --help describes the commands and settings.");
        return UsageError;
    }

    private static Command Config()
    {
        var words = new Argument<string[]>("file") { Arity = ArgumentArity.ZeroOrMore, Description = "config.yaml of xiaozhi-server or appsettings.json; without files, the settings of a start." };
        var check = new Command("check", "Shows what is understood of the configuration, what is ignored and why: exit status 0, or 1 when it cannot be used.") { words };
        check.SetAction(parse => ConfigCheck.Run(parse.GetValue(words) ?? [], Console.Out, Console.Error));
        var config = new Command("config", "Commands about the configuration.") { check };
        config.SetAction(static _ => ConfigCheck.Misused(Console.Error));
        return config;
    }

    /// <summary>
    /// The generic host's order (appsettings.json, environment, command line), and <see cref="ConfigurationFolder"/>. Throws
    /// <see cref="InvalidConfigurationException"/> for a file that cannot be read.
    /// </summary>
    public static ConfigurationManager ReadConfiguration(string[] args) => ConfigurationSources.Read(args);
}
