using System.Text;
using System.Text.Json;

namespace FastGate.CommandLine.Output;

/// <summary>Columns of text, page by page: the widths grow with the widest cell so far, so that a list of any length needs one page of memory.</summary>
internal sealed class TextTable(TextWriter output, IReadOnlyList<Column> columns)
{
    private readonly int[] _widths = [.. columns.Select(static column => TerminalText.Width(column.Title))];
    private bool _hasHeading;

    /// <summary>Writes the heading before the first page, also when that page is empty.</summary>
    public void Write(IReadOnlyList<JsonElement> items)
    {
        string[][] rows = [.. items.Select(item => columns.Select(column => column.Of(item)).ToArray())];
        foreach (string[] row in rows)
        {
            for (int i = 0; i < row.Length; i++)
            {
                _widths[i] = Math.Max(_widths[i], TerminalText.Width(row[i]));
            }
        }

        if (!_hasHeading)
        {
            _hasHeading = true;
            WriteRow([.. columns.Select(static column => column.Title.ToUpperInvariant())]);
        }

        foreach (string[] row in rows)
        {
            WriteRow(row);
        }
    }

    /// <summary>One item as lines of a title and a value; properties that it does not have are left out.</summary>
    public static void WriteReport(TextWriter output, IReadOnlyList<Column> lines, JsonElement item)
    {
        (string Title, string Text)[] shown = [.. lines.Select(line => (line.Title, Text: line.Of(item))).Where(static line => line.Text.Length > 0)];
        int width = shown.Length == 0 ? 0 : shown.Max(static line => TerminalText.Width(line.Title));
        foreach ((string title, string text) in shown)
        {
            output.WriteLine($"{title}{new string(' ', width - TerminalText.Width(title))}  {text}");
        }
    }

    private void WriteRow(string[] cells)
    {
        var line = new StringBuilder();
        for (int i = 0; i < cells.Length; i++)
        {
            line.Append(cells[i]).Append(' ', _widths[i] - TerminalText.Width(cells[i]) + 2);
        }

        output.WriteLine(line.ToString().TrimEnd());
    }
}
