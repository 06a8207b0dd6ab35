using System.CommandLine;

namespace FastGate.CommandLine.Parsing;

/// <summary>A command with examples. The help prints them, and a test parses each.</summary>
internal sealed class GatewayCommand : Command
{
    /// <param name="name">The word on the command line.</param>
    /// <param name="description">One or two sentences.</param>
    /// <param name="examples">Arguments after the program's name, one line each.</param>
    public GatewayCommand(string name, string description, params string[] examples)
        : base(name, description) => Examples = examples;

    public IReadOnlyList<string> Examples { get; }

    /// <summary>Sets what the command does. Its failures become one line on standard error and an exit code.</summary>
    public GatewayCommand Runs(CommandSetup setup, Func<CommandRun, Task<int>> run)
    {
        SetAction(async (parse, cancellation) =>
        {
            using var context = new CommandRun(parse, setup, cancellation);
            return await context.GuardAsync(run);
        });
        return this;
    }
}
