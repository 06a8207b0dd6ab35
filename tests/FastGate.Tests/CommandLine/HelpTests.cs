using System.CommandLine;
using FastGate.CommandLine;
using FastGate.CommandLine.Parsing;
using FastGate.Tests.Contract;

namespace FastGate.Tests.CommandLine;

/// <summary>The help of every command. FASTGATE_UPDATE_GOLDEN=1 writes docs/command-line.md anew.</summary>
public sealed class HelpTests
{
    public static TheoryData<string> Names => [.. CommandLineDocument.Commands().Select(static command => string.Join(' ', command.Path))];

    public static TheoryData<string, string> Examples
    {
        get
        {
            TheoryData<string, string> examples = [];
            foreach ((string[] path, Command command) in CommandLineDocument.Commands())
            {
                foreach (string example in ((GatewayCommand)command).Examples)
                {
                    examples.Add(string.Join(' ', path), example);
                }
            }

            return examples;
        }
    }

    [Fact]
    public void The_page_is_generated_from_the_commands() =>
        GoldenFile.AssertSame(Path.Combine(SourceTree.Root, "docs/command-line.md"), CommandLineDocument.Lines());

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_command_has_an_example_and_describes_what_it_takes(string name)
    {
        var command = (GatewayCommand)CommandLineDocument.Commands().Single(command => string.Join(' ', command.Path) == name).Command;
        Assert.NotEmpty(command.Examples);
        Assert.All(command.Options, static option => Assert.False(string.IsNullOrEmpty(option.Description), option.Name));
        Assert.All(command.Arguments, static argument => Assert.False(string.IsNullOrEmpty(argument.Description), argument.Name));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Every_command_shows_its_help_without_its_arguments(string name)
    {
        foreach (string[] words in (string[][])[[.. name.Split(' '), "--help"], ["help", .. name.Split(' ')]])
        {
            CommandOutcome help = await CommandOutcome.RunAsync(words);
            Assert.Equal((0, ""), (help.ExitCode, help.Error));
            Assert.Contains("Examples:", help.Output, StringComparison.Ordinal);
        }
    }

    [Theory]
    [MemberData(nameof(Examples))]
    public void Every_example_parses_as_its_command(string name, string example)
    {
        string line = example.Split(" > ")[0];
        (_, string[] words) = SettingArguments.Split(ShellWords(line));
        ParseResult parsed = CommandTree.Create([]).Parse(words, new ParserConfiguration { ResponseFileTokenReplacer = null });

        Assert.Empty(parsed.Errors);
        Assert.StartsWith(name, line, StringComparison.Ordinal);
        Assert.NotNull(parsed.CommandResult.Command.Action ?? (parsed.CommandResult.Command.Subcommands.Count > 0 ? parsed.Action : null));
    }

    [Theory]
    [InlineData("a 'b c' \"d \\\"e\\\"\" f", new[] { "a", "b c", "d \"e\"", "f" })]
    [InlineData("x '{\"y\":1}'", new[] { "x", "{\"y\":1}" })]
    public void Words_are_split_as_a_shell_does(string line, string[] words) => Assert.Equal(words, ShellWords(line));

    /// <summary>Splits at spaces outside quotes.</summary>
    private static List<string> ShellWords(string line)
    {
        List<string> words = [];
        string word = "";
        char quote = '\0';
        for (int i = 0; i < line.Length; i++)
        {
            char c = line[i];
            if (c == '\\' && quote == '"' && i + 1 < line.Length)
            {
                word += line[++i];
            }
            else if (quote != '\0' ? c == quote : c is '"' or '\'')
            {
                quote = quote == '\0' ? c : '\0';
            }
            else if (c == ' ' && quote == '\0')
            {
                words.Add(word);
                word = "";
            }
            else
            {
                word += c;
            }
        }

        return [.. words, word];
    }
}
