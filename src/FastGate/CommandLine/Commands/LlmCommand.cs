using System.CommandLine;
using FastGate.CommandLine.Output;
using FastGate.CommandLine.Parsing;

namespace FastGate.CommandLine.Commands;

/// <summary>The command <c>llm</c>.</summary>
internal static class LlmCommand
{
    private static readonly Column[] s_columns =
    [
        new("purpose", "purpose"),
        new("provider", "alias"),
        new("type", "type"),
        new("model", "model"),
        new("address", "baseUrl"),
        new("breaker", "breaker"),
        new("why", "why"),
        new("warning", "warning"),
    ];

    public static Command Create(CommandSetup setup) =>
        setup.Reads(new GatewayCommand("llm", "Shows the language model of each purpose, why it was chosen, and whether its breaker is open.", "llm"))
            .Runs(setup, static async run => run.ShowItems(await run.GetAsync("llm"), "purposes", s_columns));
}
