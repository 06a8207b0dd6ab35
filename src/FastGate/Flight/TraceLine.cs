using System.Buffers;
using System.Text;
using System.Text.Json;

namespace FastGate.Flight;

/// <summary>Writes one message or event of a traced connection as a line of JSON, without secrets and without sound. Only for traced connections.</summary>
internal static class TraceLine
{
    /// <summary>A longer message is shown by its length only.</summary>
    private const int MaxMessage = 16 * 1024;

    private const string Hidden = "***";

    private static readonly string[] s_secretNames = ["token", "secret", "password", "key", "authorization", "cookie", "credential"];

    private static readonly string[] s_secretValues = ["bearer ", "token=", "authorization=", "secret=", "password=", "sk-"];

    /// <summary>A text message with its content; one that is no JSON is shown by its length only.</summary>
    public static string OfText(DateTimeOffset at, string deviceId, bool isInbound, ReadOnlySpan<byte> utf8) =>
        Write(at, deviceId, isInbound ? "in" : "out", "text", utf8.Length, utf8.Length <= MaxMessage ? Parse(utf8) : null);

    public static string OfLength(DateTimeOffset at, string deviceId, bool isInbound, string kind, int length) =>
        Write(at, deviceId, isInbound ? "in" : "out", kind, length, null);

    public static string OfRecord(ConnectionRecord record) => Write(record.At, record.DeviceId ?? "", "event", record.Reason, null, null, record.RemoteAddress, record.Detail ?? record.EndReason);

    /// <param name="at">When it happened.</param>
    /// <param name="deviceId">Null for an event of a trace of an address, which is about no single device.</param>
    /// <param name="kind">What happened.</param>
    /// <param name="detail">More about it.</param>
    public static string OfEvent(DateTimeOffset at, string? deviceId, string kind, string? detail) => Write(at, deviceId, "event", kind, null, null, null, detail);

    private static JsonDocument? Parse(ReadOnlySpan<byte> utf8)
    {
        try
        {
            return JsonDocument.Parse(utf8.ToArray(), new JsonDocumentOptions { MaxDepth = 32 });
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string Write(
        DateTimeOffset at, string? deviceId, string direction, string kind, int? length, JsonDocument? message, string? address = null, string? detail = null)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using (message)
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("at", at);
            if (deviceId is not null)
            {
                json.WriteString("device", deviceId);
            }

            json.WriteString("direction", direction);
            json.WriteString("kind", kind);
            if (length is { } bytes)
            {
                json.WriteNumber("length", bytes);
            }

            if (address is not null)
            {
                json.WriteString("address", address);
            }

            if (detail is not null)
            {
                json.WriteString("detail", Shown(detail));
            }

            if (message is not null)
            {
                json.WritePropertyName("message");
                WriteValue(json, message.RootElement);
            }

            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static void WriteValue(Utf8JsonWriter json, JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                json.WriteStartObject();
                foreach (JsonProperty property in value.EnumerateObject())
                {
                    json.WritePropertyName(Shown(property.Name));
                    if (IsSecretName(property.Name) && property.Value.ValueKind is not (JsonValueKind.True or JsonValueKind.False or JsonValueKind.Null))
                    {
                        json.WriteStringValue(Hidden);
                    }
                    else
                    {
                        WriteValue(json, property.Value);
                    }
                }

                json.WriteEndObject();
                break;
            case JsonValueKind.Array:
                json.WriteStartArray();
                foreach (JsonElement item in value.EnumerateArray())
                {
                    WriteValue(json, item);
                }

                json.WriteEndArray();
                break;
            case JsonValueKind.String:
                json.WriteStringValue(Shown(value.GetString()!));
                break;
            default:
                value.WriteTo(json);
                break;
        }
    }

    private static bool IsSecretName(string name) => s_secretNames.Any(part => name.Contains(part, StringComparison.OrdinalIgnoreCase));

    /// <summary>A text that may hold a secret is hidden whole.</summary>
    private static string Shown(string text) => s_secretValues.Any(part => text.Contains(part, StringComparison.OrdinalIgnoreCase)) ? Hidden : text;
}
