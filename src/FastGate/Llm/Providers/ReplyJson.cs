using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.AI;

namespace FastGate.Llm.Providers;

/// <summary>Reads the few fields that are needed from a provider's JSON. A field that is absent, null or of another type counts as absent.</summary>
internal static class ReplyJson
{
    public static JsonElement? Member(JsonElement? element, string name) =>
        element is { ValueKind: JsonValueKind.Object } parent && parent.TryGetProperty(name, out JsonElement value) && value.ValueKind != JsonValueKind.Null
            ? value
            : null;

    /// <summary>The first item of an array, or null.</summary>
    public static JsonElement? First(JsonElement? element) =>
        element is { ValueKind: JsonValueKind.Array } array && array.GetArrayLength() > 0 ? array[0] : null;

    public static IEnumerable<JsonElement> Items(JsonElement? element) =>
        element is { ValueKind: JsonValueKind.Array } array ? array.EnumerateArray() : [];

    /// <summary>
    /// The value of a JSON text. One half of an escaped surrogate pair is kept, because the other half may come with the next chunk;
    /// <see cref="JsonElement.GetString"/> would throw. Null where the element is no text.
    /// </summary>
    public static string? Text(JsonElement? element)
    {
        if (element is not { ValueKind: JsonValueKind.String } text)
        {
            return null;
        }

        ReadOnlySpan<byte> quoted = JsonMarshal.GetRawUtf8Value(text);
        ReadOnlySpan<byte> raw = quoted[1..^1];
        return raw.Contains((byte)'\\') ? Unescape(Encoding.UTF8.GetString(raw)) : Encoding.UTF8.GetString(raw);
    }

    public static string? Text(JsonElement? element, string name) => Text(Member(element, name));

    /// <summary>A whole number that is not negative, or null.</summary>
    public static long? Count(JsonElement? element, string name) =>
        Member(element, name) is { ValueKind: JsonValueKind.Number } number && number.TryGetInt64(out long value) && value >= 0 ? value : null;

    /// <summary>The words of a content field: a text, or a list of parts of which those with a text count.</summary>
    public static string? Words(JsonElement? content)
    {
        if (content is not { ValueKind: JsonValueKind.Array })
        {
            return Text(content);
        }

        var words = new StringBuilder();
        foreach (JsonElement part in Items(content))
        {
            words.Append(Text(part, "type") is null or "text" or "output_text" ? Text(part, "text") : null);
        }

        return words.ToString();
    }

    public static void AddWords(ChatResponseUpdate update, string words)
    {
        if (words.Length > 0)
        {
            update.Contents.Add(new TextContent(words));
        }
    }

    public static void AddUsage(ChatResponseUpdate update, long? tokensIn, long? tokensOut)
    {
        if (tokensIn is not null || tokensOut is not null)
        {
            update.Contents.Add(new UsageContent(new UsageDetails { InputTokenCount = tokensIn, OutputTokenCount = tokensOut }));
        }
    }

    /// <summary>The message of an error, whichever shape a server gives it; null where the value reports none.</summary>
    public static string? ErrorMessage(JsonElement? error) => error switch
    {
        { ValueKind: JsonValueKind.String } => Text(error) is { Length: > 0 } text ? text : null,
        { ValueKind: JsonValueKind.Object } value =>
            Text(value, "message") ?? Text(value, "msg") ?? Text(value, "detail") ?? Text(value, "error") ?? Text(value, "type")
            ?? (value.EnumerateObject().Any() ? value.GetRawText() : null),
        _ => null,
    };

    // The parser has accepted the text, so every escape is complete.
    private static string Unescape(string raw)
    {
        var text = new StringBuilder(raw.Length);
        for (int i = 0; i < raw.Length; i++)
        {
            if (raw[i] != '\\')
            {
                text.Append(raw[i]);
                continue;
            }

            char escape = raw[++i];
            if (escape == 'u')
            {
                text.Append((char)Convert.ToUInt16(raw.Substring(i + 1, 4), 16));
                i += 4;
            }
            else
            {
                text.Append(escape switch { 'n' => '\n', 't' => '\t', 'r' => '\r', 'b' => '\b', 'f' => '\f', _ => escape });
            }
        }

        return text.ToString();
    }
}
