using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace FastGate.CommandLine.Output;

/// <summary>JSON documents as text: for people, and for <c>--json</c>.</summary>
internal static class JsonText
{
    /// <summary>Follows a path of property names with dots between them; null where one is missing or null.</summary>
    public static JsonElement? Find(JsonElement item, string path)
    {
        foreach (string name in path.Split('.'))
        {
            if (item.ValueKind != JsonValueKind.Object || !item.TryGetProperty(name, out JsonElement inner) || inner.ValueKind is JsonValueKind.Null)
            {
                return null;
            }

            item = inner;
        }

        return item;
    }

    public static string? Text(JsonElement item, string path) => Find(item, path) is { ValueKind: JsonValueKind.String } text ? text.GetString() : null;

    public static double Number(JsonElement item, string path) => Find(item, path) is { ValueKind: JsonValueKind.Number } number ? number.GetDouble() : 0;

    /// <summary>A value without the quotes and brackets of JSON.</summary>
    public static string Plain(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString()!,
        JsonValueKind.True => "yes",
        JsonValueKind.False => "no",
        JsonValueKind.Array => string.Join(", ", value.EnumerateArray().Select(Plain)),
        JsonValueKind.Object => string.Join(", ", value.EnumerateObject().Select(static property => $"{property.Name} {Plain(property.Value)}")),
        _ => value.GetRawText(),
    };

    /// <summary>A point in time, in UTC to the second.</summary>
    public static string Time(JsonElement value) =>
        value.ValueKind == JsonValueKind.String && value.TryGetDateTimeOffset(out DateTimeOffset time)
            ? time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture)
            : Plain(value);

    /// <summary>A number of seconds.</summary>
    public static string Seconds(JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.Number)
        {
            return Plain(value);
        }

        var time = TimeSpan.FromSeconds(Math.Clamp(value.GetDouble(), 0, TimeSpan.MaxValue.TotalSeconds / 2));
        return time.TotalDays >= 1 ? string.Create(CultureInfo.InvariantCulture, $"{(int)time.TotalDays} d {time.Hours} h")
            : time.TotalHours >= 1 ? string.Create(CultureInfo.InvariantCulture, $"{time.Hours} h {time.Minutes} min")
            : time.TotalMinutes >= 1 ? string.Create(CultureInfo.InvariantCulture, $"{time.Minutes} min {time.Seconds} s")
            : string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0.#} s");
    }

    /// <summary>A number of bytes.</summary>
    public static string Bytes(JsonElement value) => value.ValueKind == JsonValueKind.Number
        ? string.Create(CultureInfo.InvariantCulture, $"{value.GetDouble() / (1024 * 1024):0.0} MiB")
        : Plain(value);

    /// <summary>The document with line breaks, or on one line.</summary>
    public static string Write(JsonElement value, bool indented)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = indented, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            value.WriteTo(writer);
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }
}
