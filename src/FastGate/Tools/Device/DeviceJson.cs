using System.Text.Encodings.Web;
using System.Text.Json;

namespace FastGate.Tools.Device;

/// <summary>Reads what a device wrote as a document, and writes for it.</summary>
internal static class DeviceJson
{
    /// <summary>Devices have little memory: text is not escaped where JSON allows it.</summary>
    public static readonly JsonWriterOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Half of a surrogate pair, which the scanner accepts, throws only when the string is read.</summary>
    public static bool IsUnreadable(Exception exception) => exception is JsonException or InvalidOperationException or ArgumentException or FormatException;

    /// <summary>A string member, or empty.</summary>
    public static string Text(JsonElement json, string name) =>
        json.ValueKind == JsonValueKind.Object && json.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()!
            : "";

    /// <summary>A member of this kind; default when there is none.</summary>
    public static JsonElement Member(JsonElement json, string name, JsonValueKind kind) =>
        json.ValueKind == JsonValueKind.Object && json.TryGetProperty(name, out JsonElement value) && value.ValueKind == kind ? value : default;

    /// <summary>Does not split a surrogate pair.</summary>
    public static string Cut(string text, int length)
    {
        if (text.Length <= length)
        {
            return text;
        }

        return text[..(char.IsHighSurrogate(text[length - 1]) ? length - 1 : length)] + "…";
    }

    /// <summary>Writes the arguments of a call as an object.</summary>
    public static void WriteArguments(Utf8JsonWriter writer, IEnumerable<KeyValuePair<string, object?>> arguments)
    {
        writer.WriteStartObject();
        foreach ((string name, object? value) in arguments)
        {
            writer.WritePropertyName(name);
            JsonSerializer.Serialize(writer, value, ToolArgumentJson.Default.Object);
        }

        writer.WriteEndObject();
    }
}
