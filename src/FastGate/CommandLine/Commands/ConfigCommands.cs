using System.CommandLine;
using System.Text.Json.Nodes;
using FastGate.CommandLine.Failures;
using FastGate.CommandLine.Output;
using FastGate.CommandLine.Parsing;
using FastGate.Configuration.Options;

namespace FastGate.CommandLine.Commands;

/// <summary>The commands <c>config check|default|doc</c>.</summary>
internal static class ConfigCommands
{
    private const string OptionsPage = "options.md";

    public static Command Create(CommandSetup setup)
    {
        var config = new GatewayCommand("config", "Commands about the configuration.", "config check") { Check(setup), Default(setup), Doc(setup) };
        return config;
    }

    private static GatewayCommand Check(CommandSetup setup)
    {
        var check = new GatewayCommand(
            "check", "Shows what is understood of the configuration, what is ignored and why: exit code 0, or 1 when it cannot be used.",
            "config check", "config check config.yaml", "config check --FastGate:Devices:Listen=0.0.0.0:8000");
        var words = new Argument<string[]>("file") { Arity = ArgumentArity.ZeroOrMore, Description = "config.yaml of xiaozhi-server or appsettings.json; without files, the settings of a start." };
        check.Arguments.Add(words);
        check.Options.Add(setup.Json);
        return check.Runs(setup, run =>
        {
            string[] given = [.. run.Value(words) ?? [], .. run.Settings];
            if (!run.Json)
            {
                return Task.FromResult(ConfigCheck.Run(given, run.Output, run.Error));
            }

            using var report = new StringWriter();
            int code = ConfigCheck.Run(given, report, run.Error);
            string[] lines = report.ToString().Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries);
            run.Output.WriteLine(new JsonObject { ["usable"] = code == ExitCode.Success, ["report"] = new JsonArray([.. lines.Select(static line => (JsonNode)line)]) }.ToJsonString());
            return Task.FromResult(code);
        });
    }

    private static GatewayCommand Default(CommandSetup setup)
    {
        var command = new GatewayCommand("default", "Writes an appsettings.json with the default of every option that has one.", "config default > appsettings.json");
        return command.Runs(setup, static run =>
        {
            run.Output.WriteLine(JsonText.Write(DefaultConfiguration.Create(), indented: true));
            return Task.FromResult(ExitCode.Success);
        });
    }

    private static GatewayCommand Doc(CommandSetup setup)
    {
        var doc = new GatewayCommand("doc", "Describes the options: type, default, allowed values, and whether a reload applies a change.", "config doc Devices:Limits", "config doc Admin:Token --json");
        var key = new Argument<string>("key") { Arity = ArgumentArity.ZeroOrOne, Description = "Options that begin so; without it, all." };
        doc.Arguments.Add(key);
        doc.Options.Add(setup.Json);
        return doc.Runs(setup, run =>
        {
            string prefix = run.Value(key) ?? "";
            if (prefix.StartsWith($"{GatewayOptions.Section}:", StringComparison.OrdinalIgnoreCase))
            {
                prefix = prefix[(GatewayOptions.Section.Length + 1)..];
            }

            OptionText[] found = [.. OptionText.Read(Page()).Where(option => option.Key.StartsWith(prefix, StringComparison.OrdinalIgnoreCase))];
            foreach (OptionText option in found)
            {
                option.Write(run.Output, run.Json);
            }

            return found.Length > 0 ? Task.FromResult(ExitCode.Success) : throw new CommandFailedException(ExitCode.NotFound, $"No option begins with \"{prefix}\".");
        });
    }

    /// <summary>The page docs/options.md, which is generated from the option records.</summary>
    private static string Page()
    {
        using var reader = new StreamReader(typeof(ConfigCommands).Assembly.GetManifestResourceStream(OptionsPage)!);
        return reader.ReadToEnd();
    }
}
