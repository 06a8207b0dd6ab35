using System.Globalization;
using System.Text.Json;
using FastGate.CommandLine.Output;

namespace FastGate.CommandLine.Commands;

/// <summary>An overview as rows: each number is a row with a history, named by its path, so that numbers of a newer server are shown too.</summary>
internal static class OverviewRows
{
    public static IReadOnlyList<LiveRow> Of(JsonElement overview)
    {
        List<LiveRow> rows = [];
        Add(rows, overview, "");
        return rows;
    }

    private static void Add(List<LiveRow> rows, JsonElement value, string name)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                foreach (JsonProperty property in value.EnumerateObject())
                {
                    Add(rows, property.Value, name.Length == 0 ? TerminalText.Safe(property.Name) : $"{name} {TerminalText.Safe(property.Name)}");
                }

                break;
            case JsonValueKind.Number:
                rows.Add(new LiveRow(name, Number(name, value.GetDouble()), value.GetDouble()));
                break;
            case JsonValueKind.Null:
                break;
            default:
                rows.Add(new LiveRow(name, TerminalText.Safe(JsonText.Time(value))));
                break;
        }
    }

    private static string Number(string name, double number) => name.EndsWith("Bytes", StringComparison.OrdinalIgnoreCase)
        ? string.Create(CultureInfo.InvariantCulture, $"{number / (1024 * 1024):#,0.0} MiB")
        : number.ToString("#,0.##", CultureInfo.InvariantCulture);
}
