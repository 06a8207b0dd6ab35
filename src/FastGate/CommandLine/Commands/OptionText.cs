using System.Text.Json.Nodes;

namespace FastGate.CommandLine.Commands;

/// <summary>One option, as a row of docs/options.md describes it.</summary>
internal sealed record OptionText(string Key, string Type, string Default, string Allowed, string AppliesAt, string Meaning)
{
    private const int Cells = 6;

    /// <summary>The rows of the page's tables of options; other tables have fewer columns.</summary>
    public static IEnumerable<OptionText> Read(string page) =>
        from line in page.Split('\n')
        where line.StartsWith("| `", StringComparison.Ordinal)
        let cells = line.TrimEnd().Trim('|').Split(" | ", StringSplitOptions.TrimEntries)
        where cells.Length == Cells
        select new OptionText(Plain(cells[0]), Plain(cells[1]), Plain(cells[2]), Plain(cells[3]), Plain(cells[4]), Plain(cells[5]));

    public void Write(TextWriter output, bool json)
    {
        if (json)
        {
            output.WriteLine(new JsonObject
            {
                ["key"] = Key,
                ["type"] = Type,
                ["default"] = Default,
                ["allowed"] = Allowed,
                ["appliesAt"] = AppliesAt,
                ["meaning"] = Meaning,
            }.ToJsonString());
            return;
        }

        output.WriteLine($"{Key}\n  {Meaning}\n  {Type}, default {Default}{(Allowed.Length > 0 ? $", allowed {Allowed}" : "")}; a change applies at the {AppliesAt}.");
    }

    private static string Plain(string cell) => cell.Replace("`", "", StringComparison.Ordinal);
}
