using System.CommandLine;
using FastGate.CommandLine.Failures;
using FastGate.CommandLine.Parsing;

namespace FastGate.CommandLine.Commands;

/// <summary>The command <c>completion</c>: a script that asks the program itself for the words that may follow.</summary>
internal static class CompletionCommand
{
    private const string Bash =
        """
        # Completion of FastGate's commands. Add to ~/.bashrc: source <(FastGate completion bash)
        _fastgate() {
            local word
            COMPREPLY=()
            while IFS= read -r word; do
                [[ $word == "${COMP_WORDS[COMP_CWORD]}"* ]] && COMPREPLY+=("$word")
            done < <("$1" "[suggest:$COMP_POINT]" "$COMP_LINE" 2>/dev/null)
        }
        complete -o default -F _fastgate FastGate fastgate
        """;

    private const string Zsh =
        """
        #compdef FastGate fastgate
        # Completion of FastGate's commands. Add to ~/.zshrc, after compinit: source <(FastGate completion zsh)
        _fastgate() {
            local line="${(j: :)words[1,CURRENT]}"
            local -a found
            found=(${(f)"$("${words[1]}" "[suggest:${#line}]" "$line" 2>/dev/null)"})
            compadd -a found || _files
        }
        compdef _fastgate FastGate fastgate
        """;

    public static Command Create(CommandSetup setup)
    {
        var completion = new GatewayCommand("completion", "Writes the completion script of a shell.", "completion bash", "completion zsh");
        var shell = new Argument<string>("shell") { Description = "bash or zsh." };
        shell.AcceptOnlyFromAmong("bash", "zsh");
        completion.Arguments.Add(shell);
        return completion.Runs(setup, async run =>
        {
            await run.Output.WriteLineAsync(run.Value(shell) == "zsh" ? Zsh : Bash);
            return ExitCode.Success;
        });
    }
}
