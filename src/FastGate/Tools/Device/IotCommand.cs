using System.Buffers;
using System.Text.Json;

namespace FastGate.Tools.Device;

/// <summary>Writes the message that carries out a method.</summary>
internal static class IotCommand
{
    /// <summary>Bytes of the message. The receive buffer of old firmware has 2,048.</summary>
    public const int MaxBytes = 1_500;

    /// <summary>Throws <see cref="DeviceToolException"/> when the arguments are too long.</summary>
    public static byte[] Write(string thing, string method, IEnumerable<KeyValuePair<string, object?>> parameters, Guid sessionId)
    {
        var json = new ArrayBufferWriter<byte>(256);
        using (var writer = new Utf8JsonWriter(json, DeviceJson.Plain))
        {
            writer.WriteStartObject();
            writer.WriteString("type", "iot");
            writer.WriteString("session_id", sessionId);
            writer.WriteStartArray("commands");
            writer.WriteStartObject();
            writer.WriteString("name", thing);
            writer.WriteString("method", method);
            writer.WritePropertyName("parameters");
            DeviceJson.WriteArguments(writer, parameters);
            writer.WriteEndObject();
            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        return json.WrittenCount > MaxBytes
            ? throw new DeviceToolException("The arguments are too long for the device.", ToolCallOutcome.Refused)
            : json.WrittenSpan.ToArray();
    }
}
