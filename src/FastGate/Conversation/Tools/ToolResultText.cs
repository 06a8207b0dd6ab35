using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.AI;

namespace FastGate.Conversation.Tools;

/// <summary>The text that the model gets as the result of a tool.</summary>
internal static class ToolResultText
{
    /// <summary>Characters of a result. More would use up the model's context, in every later round again.</summary>
    public const int MaxLength = 16 * 1024;

    private const string CutMark = " [the rest was cut]";

    public static string Of(object? result) => Bound(Text(result));

    public static string Bound(string text)
    {
        if (text.Length <= MaxLength)
        {
            return text;
        }

        int length = MaxLength - CutMark.Length;
        return string.Concat(text.AsSpan(0, char.IsHighSurrogate(text[length - 1]) ? length - 1 : length), CutMark);
    }

    private static string Text(object? result) => result switch
    {
        null => "done",
        string text => text,
        JsonElement { ValueKind: JsonValueKind.String } json => json.GetString()!,
        JsonElement { ValueKind: JsonValueKind.Undefined or JsonValueKind.Null } => "done",
        JsonElement json => json.GetRawText(),
        TextContent content => content.Text,
        AIContent content => $"[{content.GetType().Name}]",
        IEnumerable<AIContent> contents => string.Join('\n', contents.Select(Text)),
        bool flag => flag ? "true" : "false",
        IFormattable value => value.ToString(null, CultureInfo.InvariantCulture),
        _ => result.ToString() ?? "done",
    };
}
