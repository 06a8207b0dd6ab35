using System.Text.Json;

namespace FastGate.CommandLine.Output;

/// <summary>A whole JSON document as indented lines, for reports whose properties depend on the server.</summary>
internal static class DocumentText
{
    private const string Indent = "  ";

    /// <summary>The properties of an object, nested ones below their name.</summary>
    public static void Write(TextWriter output, JsonElement document, string indent = "")
    {
        foreach (JsonProperty property in document.EnumerateObject())
        {
            switch (property.Value)
            {
                case { ValueKind: JsonValueKind.Null }:
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
