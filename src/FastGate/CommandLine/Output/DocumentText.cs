using System.Text.Json;

namespace FastGate.CommandLine.Output;

/// <summary>A whole JSON document as indented lines, for reports whose properties depend on the server.</summary>
internal static class DocumentText
{
    private const string Indent = "  ";

    /// <summary>Texts that the server gives in two languages are shown in that of the terminal.</summary>
    public static readonly string Language =
        ((string[])["LC_ALL", "LC_MESSAGES", "LANG"]).Select(Environment.GetEnvironmentVariable).FirstOrDefault(static name => !string.IsNullOrEmpty(name))?.StartsWith("zh", StringComparison.Ordinal) == true ? "zh" : "en";

    /// <summary>The properties of an object, nested ones below their name.</summary>
    public static void Write(TextWriter output, JsonElement document, string indent = "")
    {
        foreach (JsonProperty property in document.EnumerateObject())
        {
            switch (property.Value)
            {
                case { ValueKind: JsonValueKind.Null }:
                case { ValueKind: JsonValueKind.Array } none when none.GetArrayLength() == 0:
                    break;
                case { ValueKind: JsonValueKind.Object } texts when JsonText.Text(texts, Language) is { } text:
                    output.WriteLine($"{indent}{TerminalText.Safe(property.Name)}: {TerminalText.Safe(text)}");
                    break;
                case { ValueKind: JsonValueKind.Object } inner:
                    output.WriteLine($"{indent}{TerminalText.Safe(property.Name)}:");
                    Write(output, inner, indent + Indent);
                    break;
                case { ValueKind: JsonValueKind.Array } items when items.EnumerateArray().Any(static item => item.ValueKind == JsonValueKind.Object):
                    output.WriteLine($"{indent}{TerminalText.Safe(property.Name)}:");
                    foreach (JsonElement item in items.EnumerateArray())
                    {
                        output.WriteLine($"{indent}{Indent}- {TerminalText.Safe(JsonText.Plain(item))}");
                    }

                    break;
                default:
                    output.WriteLine($"{indent}{TerminalText.Safe(property.Name)}: {TerminalText.Safe(JsonText.Time(property.Value))}");
                    break;
            }
        }
    }
}
