using System.Text.Json;

namespace FastGate.CommandLine.Output;

/// <summary>A column of a table, or a line of a report.</summary>
/// <param name="Title">The heading.</param>
/// <param name="Path">The property that it shows, with a dot before each inner one.</param>
/// <param name="Format">How the value becomes text; null for the value as it is.</param>
internal sealed record Column(string Title, string Path, Func<JsonElement, string>? Format = null)
{
    /// <summary>The cell of one item; empty when the item has no such property.</summary>
    public string Of(JsonElement item) => JsonText.Find(item, Path) is { } value ? TerminalText.Safe((Format ?? JsonText.Plain)(value)) : "";
}
