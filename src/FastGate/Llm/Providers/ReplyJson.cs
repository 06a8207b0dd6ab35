using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.AI;

namespace FastGate.Llm.Providers;

/// <summary>Reads the few fields that are needed from a provider's JSON. A field that is absent, null or of another type counts as absent.</summary>
internal static class ReplyJson
{
    /// <summary>The last member of the name that is not null. Names are compared as written: unescaping a name with half a surrogate pair would throw.</summary>
    public static JsonElement? Member(JsonElement? element, string name)
    {
        JsonElement? found = null;
        if (element is { ValueKind: JsonValueKind.Object } parent)
        {
            foreach (JsonProperty property in parent.EnumerateObject())
            {
                if (Ascii.Equals(JsonMarshal.GetRawUtf8PropertyName(property), name))
                {
                    found = property.Value.ValueKind == JsonValueKind.Null ? null : property.Value;
                }
            }
        }

        return found;
    }

    public static JsonElement? Object(JsonElement? element, string name) => Member(element, name) is { ValueKind: JsonValueKind.Object } value ? value : null;

    /// <summary>The items of an array; an object counts as an array of one.</summary>
    public static IEnumerable<JsonElement> Items(JsonElement? element) =>
        element is { ValueKind: JsonValueKind.Array } array ? array.EnumerateArray()
        : element is { ValueKind: JsonValueKind.Object } single ? [single]
        : [];

    /// <summary>The JSON of a value, with replaced characters where it is no UTF-8.</summary>
    public static string Raw(JsonElement element) => Encoding.UTF8.GetString(JsonMarshal.GetRawUtf8Value(element));

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
        Member(element, name) is { ValueKind: JsonValueKind.Number } number
            ? number.TryGetInt64(out long value) ? (value >= 0 ? value : null)
            : number.TryGetDouble(out double real) && real >= 0 && real <= int.MaxValue && real == Math.Floor(real) ? (long)real
            : null
            : null;

    /// <summary>The words of a content field: a text, or a list of parts of which those with a text count.</summary>
    public static string? Words(JsonElement? content)
    {
        if (content is not { ValueKind: JsonValueKind.Array or JsonValueKind.Object })
        {
            return Text(content);
        }

        var words = new StringBuilder();
        foreach (JsonElement part in Items(content))
        {
            words.Append(part.ValueKind == JsonValueKind.String ? Text(part) : Text(part, "type") is null or "text" or "output_text" ? Text(part, "text") : null);
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
