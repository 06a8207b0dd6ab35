using FastGate.FunctionalTests.Clients;
using FastGate.FunctionalTests.Server;

namespace FastGate.FunctionalTests.CommandLine;

/// <summary>Commands under a pseudo-terminal of util-linux's <c>script</c>, and completion in a real shell.</summary>
public sealed class TerminalTests
{
    private const char CtrlC = '\u0003';
    private const char Escape = '\u001b';

    [Fact]
    public async Task Live_table_is_drawn_on_a_terminal_and_ctrl_c_ends_it()
    {
        await using GatewayProcess gateway = await GatewayProcess.StartAsync();
        await using var sim = TerminalProgram.Start(gateway.WorkingDirectory, "sim", "--count", "2");
        await sim.WaitForAsync("connected");
        using AdminClient admin = new(gateway);
        await Eventually.ValueAsync(admin.DevicesAsync, static devices => devices.Count == 2);
        await sim.SendAsync(CtrlC);
        Assert.Equal(0, await sim.ExitCodeAsync());
        Assert.Contains(Escape, sim.Screen);
        await Eventually.ValueAsync(admin.DevicesAsync, static devices => devices.Count == 0);
    }

    [Fact]
    public async Task Dumb_terminal_gets_no_escape_sequence()
    {
        await using GatewayProcess gateway = await GatewayProcess.StartAsync();
        await using var sim = TerminalProgram.Start(gateway.WorkingDirectory, "TERM=dumb", "sim", "--say", "hello");
        Assert.Equal(0, await sim.ExitCodeAsync());
        Assert.DoesNotContain(Escape, sim.Screen);
        Assert.Contains("finished 1", sim.Screen, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Question_before_an_act_is_answered_on_the_terminal()
    {
        await using GatewayProcess gateway = await GatewayProcess.StartAsync();
        await using var refused = TerminalProgram.Start(gateway.WorkingDirectory, "memory", "erase", "cli-ask");
        await refused.WaitForAsync("[y/N]");
        await refused.SendAsync("n\n");
        Assert.Equal(1, await refused.ExitCodeAsync());
        Assert.Contains("Not confirmed", refused.Screen, StringComparison.Ordinal);

        await using var confirmed = TerminalProgram.Start(gateway.WorkingDirectory, "memory", "erase", "cli-ask");
        await confirmed.WaitForAsync("[y/N]");
        await confirmed.SendAsync("y\n");
        Assert.Equal(0, await confirmed.ExitCodeAsync());
        Assert.Contains("0 turns erased", confirmed.Screen, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("FastGate devi", 1, "devices")]
    [InlineData("FastGate devices sh", 2, "show")]
    [InlineData("FastGate drain start --ra", 3, "--rate")]
    public async Task Bash_completes_commands_and_options(string line, int word, string expected)
    {
        string[] found = await CompleteAsync("/bin/bash", program =>
            $"source <('{program}' completion bash); COMP_LINE='{line}'; COMP_POINT={line.Length}; COMP_WORDS=({line}); COMP_CWORD={word}; _fastgate '{program}'; printf '%s\\n' \"${{COMPREPLY[@]}}\"");
        Assert.Equal([expected], found);
    }

    /// <summary>The editor's functions are replaced; zsh gives all words that begin so to the first of them and files to the second.</summary>
    [RequiresProgramTheory(RequiredProgram.Zsh)]
    [InlineData("devi", "devices")]
    [InlineData("devices sh", "show")]
    [InlineData("drain start --ra", "--rate")]
    [InlineData("config check appset", "files")]
    public async Task Zsh_completes_commands_options_and_files(string words, string expected)
    {
        string[] found = await CompleteAsync("zsh", program =>
            $"compdef() {{ }}; compadd() {{ (( $#found )) && print -l -- $found }}; _files() {{ print files }}; source <('{program}' completion zsh); words=('{program}' {words}); CURRENT=$#words; _fastgate");
        Assert.Equal([expected], found);
    }

    private static async Task<string[]> CompleteAsync(string shell, Func<string, string> script)
    {
        string directory = Directory.CreateTempSubdirectory("fastgate-completion-").FullName;
        string program = Path.Combine(directory, "FastGate");
        await File.WriteAllTextAsync(program, $"#!/bin/sh\nexec {string.Join(' ', RepositoryPaths.ServerCommand().Select(static part => $"'{part}'"))} \"$@\"\n");
        await ExternalProgram.RunAsync("/bin/chmod", ["u+x", program]);
        string found = await ExternalProgram.RunAsync(shell, ["-c", script(program)], directory);
        Directory.Delete(directory, recursive: true);
        return found.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }
}
