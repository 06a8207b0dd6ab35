using System.CommandLine;
using System.CommandLine.Parsing;
using FastGate.CommandLine.Commands;
using FastGate.CommandLine.Failures;
using FastGate.CommandLine.Output;
using FastGate.CommandLine.Parsing;
using FastGate.Configuration.Loading;
using FastGate.Hosting;
using FastGate.Restart;

namespace FastGate.CommandLine;

/// <summary>Runs the command that the arguments name. Without a command it serves; each <c>--FastGate:Key=value</c> is configuration.</summary>
internal static class GatewayCommandLine
{
    public static async Task<int> RunAsync(string[] args)
    {
        if (args.Contains(Rehearsal.Argument))
        {
            string[] rehearsed = [.. args.Where(static arg => arg != Rehearsal.Argument)];
            return await SettingErrorAsync(rehearsed, []) ?? await RehearseCommand.RunAsync(rehearsed);
        }

        // A start with settings only does not load the commands: they cost a tenth of the start.
        (string[] settings, string[] words) = args is [['[', ..], ..] ? ([], args) : SettingArguments.Split(args);
        return words.Length == 0
            ? await SettingErrorAsync(settings, []) ?? await GatewayProgram.ServeAsync(settings)
            : await RunAsync(settings, words, PipeOutput.Open(), Console.Error);
    }

    /// <summary>Runs a command with its settings already separated from its words.</summary>
    public static async Task<int> RunAsync(string[] settings, string[] words, TextWriter output, TextWriter error)
    {
        RootCommand root = CommandTree.Create(settings);

        // A value may begin with an at sign, so it is no name of a file with further arguments.
        var parser = new ParserConfiguration { ResponseFileTokenReplacer = null };
        ParseResult parsed = root.Parse(words is ["help", .. var topic] ? [.. topic, "--help"] : words, parser);
        string[] commands = [.. root.Subcommands.Select(static command => command.Name), "help"];
        if (await SettingErrorAsync(settings, commands, error) is { } wrong)
        {
            return wrong;
        }

        if (parsed.Errors.Count > 0)
        {
            await error.WriteLineAsync($"{UsageError(parsed, commands)}\n{Program(parsed)} --help describes the commands and settings.");
            return ExitCode.Usage;
        }

        return await parsed.InvokeAsync(new InvocationConfiguration { Output = output, Error = error, ProcessTerminationTimeout = null });
    }

    /// <summary>Null when all settings can be read.</summary>
    /// <param name="settings">The settings.</param>
    /// <param name="commands">The commands that may be meant.</param>
    /// <param name="error">Gets the error; null for the console's, which is opened only for an error.</param>
    private static async Task<int?> SettingErrorAsync(string[] settings, string[] commands, TextWriter? error = null)
    {
        if (SettingArguments.FindError(settings, commands) is not string wrong)
        {
            return null;
        }

        await (error ?? Console.Error).WriteLineAsync($"{wrong}\nFastGate --help describes the commands and settings.");
        return ExitCode.Usage;
    }

    /// <summary>The first word that has no meaning, with the nearest that has one; otherwise what the parser says.</summary>
    private static string UsageError(ParseResult parsed, string[] commands)
    {
        Command command = parsed.CommandResult.Command;
        if (parsed.UnmatchedTokens is not [string word, ..])
        {
            // The library names the type of the option; every option that it parses is a number.
            return parsed.Errors[0] is { SymbolResult: OptionResult { Tokens: [{ Value: string value }], Option.Name: string name }, Message: string message } && message.StartsWith("Cannot parse", StringComparison.Ordinal)
                ? $"\"{value}\" is no whole number, which {name} needs."
                : parsed.Errors[0].Message;
        }

        if (word.StartsWith('-') && TextDistance.Nearest(word.Split('=')[0], command.Options.Select(static option => option.Name)) is string option)
        {
            return $"Unknown option \"{word.Split('=')[0]}\". Did you mean {option}?";
        }

        return word.StartsWith('-') || command is RootCommand ? SettingArguments.FindError(parsed.UnmatchedTokens, commands)!
            : command.Subcommands.Count > 0 ? $"Unknown command \"{word}\". The commands are {string.Join(", ", command.Subcommands.Select(static inner => inner.Name))}."
            : $"Unexpected argument \"{word}\".";
    }

    /// <summary>The program and the commands on the way to the one that was meant.</summary>
    private static string Program(ParseResult parsed)
    {
        List<string> path = [];
        for (CommandResult? at = parsed.CommandResult; at is { Command: not RootCommand }; at = at.Parent as CommandResult)
        {
            path.Insert(0, at.Command.Name);
        }

        return string.Join(' ', ["FastGate", .. path]);
    }
}
