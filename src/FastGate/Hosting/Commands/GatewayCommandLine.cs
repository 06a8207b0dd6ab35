using System.CommandLine;
using FastGate.Configuration.Loading;
using Microsoft.Extensions.Configuration;

namespace FastGate.Hosting.Commands;

/// <summary>The commands of the executable. Without a command it serves; each <c>--FastGate:Key=value</c> is configuration.</summary>
internal static class GatewayCommandLine
{
    public static Task<int> RunAsync(string[] args)
    {
        var root = new RootCommand("FastGate, a gateway for fleets of voice devices. Settings: --FastGate:Devices:Listen=0.0.0.0:8000 and so on, see the README.")
        {
            TreatUnmatchedTokensAsErrors = false,
        };
        root.SetAction(_ => GatewayProgram.ServeAsync(args));

        var check = new Command("healthcheck", "Asks the gateway that runs in this working directory, or the one at --FastGate:Http:Listen, whether it is alive: exit status 0 or 1.")
        {
            TreatUnmatchedTokensAsErrors = false,
        };
        check.SetAction(_ => HealthProbe.RunAsync([.. args.Where(arg => arg != check.Name)]));
        root.Subcommands.Add(check);
        root.Subcommands.Add(Config());
        return root.Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null });
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
