using System.CommandLine;
using FastGate.CommandLine;

namespace FastGate.Tests.CommandLine;

/// <summary>Writes docs/command-line.md from the commands: the help of each, as the program prints it.</summary>
internal static class CommandLineDocument
{
    private static readonly string[] s_introduction =
    [
        "# Command line",
        "",
        "Generated from the commands; a test compares this page with them. The server's own executable has them: `FastGate COMMAND`. Without a command it",
        "serves. Settings such as `--FastGate:Admin:Listen=127.0.0.1:8002` may be added to each command.",
        "",
        "**Server.** A command finds the server that was started in the same working directory by itself. Otherwise it uses `--server`, or `Admin:Listen` of",
        "the configuration. The token is that of `--token-file`, of the variable `FastGate__Admin__Token`, or of the configuration. With `--server` and an",
        "address of another machine, the token of the local configuration is not sent. A token on the command line works and causes a warning, because",
        "other users of the machine can read it.",
        "",
        "**Output.** Tables and lines for people; with `--json` one document, or one line for each item of a list. Lists are read page by page. Times are in",
        "UTC. No colours and no redrawing when the output is not a terminal or `TERM` is `dumb`; `NO_COLOR` is respected. Control characters in the texts of",
        "devices are shown, never sent to the terminal.",
        "",
        "**Acts** have a request id (`--request-id`). A repetition with the same id does not act twice. Acts that affect many devices or cannot be undone ask",
        "for a confirmation, or need `--yes` where the input is not a terminal. Ctrl-C of `drain start --wait` leaves the drain running, except with",
        "`--cancel-on-interrupt`. Ctrl-C of `devices trace` ends the trace.",
        "",
        "**Restarts.** `top` connects again after a restart of the server. `devices trace` ends with exit code 1 then, and with 3 when the server is gone;",
        "`drain start --wait` with 1 when the drain was ended before its devices had left.",
        "",
        "**Completion.** `source <(FastGate completion bash)` in `~/.bashrc`, `source <(FastGate completion zsh)` in `~/.zshrc`.",
        "",
        "| exit code | meaning |",
        "| --- | --- |",
        "| 0 | done |",
        "| 1 | the server refused, the command failed, or devices of `sim` failed |",
        "| 2 | the command line is wrong |",
        "| 3 | no server answered |",
        "| 4 | the token is missing or wrong, or its role does not allow the act |",
        "| 5 | the server does not know the device, ban, command or trace |",
        "| 130 | ended by Ctrl-C |",
        "| 141 | the program that reads the output has ended, as `head` does |",
    ];

    public static IEnumerable<string> Lines() => s_introduction.Concat(Commands().SelectMany(static command => Section(command.Path)));

    /// <summary>All commands with the words that name them, as the help lists them.</summary>
    public static IReadOnlyList<(string[] Path, Command Command)> Commands()
    {
        List<(string[], Command)> found = [];
        Collect(CommandTree.Create([]), [], found);
        return found;
    }

    private static void Collect(Command command, string[] path, List<(string[], Command)> found)
    {
        foreach (Command inner in command.Subcommands)
        {
            string[] named = [.. path, inner.Name];
            found.Add((named, inner));
            Collect(inner, named, found);
        }
    }

    private static string[] Section(string[] path)
    {
        using var help = new StringWriter { NewLine = "\n" };
        var configuration = new InvocationConfiguration { Output = help };
        Assert.Equal(0, CommandTree.Create([]).Parse([.. path, "--help"]).Invoke(configuration));

        // The library names the running program; the test host is another one.
        string text = help.ToString().Replace($"  {RootCommand.ExecutableName} ", "  FastGate ", StringComparison.Ordinal);
        return ["", $"{new string('#', path.Length + 1)} {string.Join(' ', path)}", "", "```text", .. text.Trim().Split('\n').Select(static line => line.TrimEnd()), "```"];
    }
}
