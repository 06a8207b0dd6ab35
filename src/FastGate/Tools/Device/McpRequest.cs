using System.Buffers;
using System.Text.Json;
using FastGate.Protocol.Messages;

namespace FastGate.Tools.Device;

/// <summary>Writes the JSON-RPC messages to a device, each in its <c>mcp</c> message.</summary>
internal static class McpRequest
{
    /// <summary>The version that the firmware implements.</summary>
    private const string ProtocolVersion = "2024-11-05";

    private static readonly string s_version = typeof(McpRequest).Assembly.GetName().Version?.ToString(3) ?? "1.0.0";

    public static byte[] Initialize(int id, VisionGrant? vision, Guid sessionId) => Write(sessionId, id, "initialize", writer =>
    {
        writer.WriteString("protocolVersion", ProtocolVersion);
        writer.WriteStartObject("capabilities");
        if (vision is not null)
        {
            writer.WriteStartObject("vision");
            writer.WriteString("url", vision.Url);
            writer.WriteString("token", vision.Token);
            writer.WriteEndObject();
        }

        writer.WriteEndObject();
        writer.WriteStartObject("clientInfo");
        writer.WriteString("name", "FastGate");
        writer.WriteString("version", s_version);
        writer.WriteEndObject();
    });

    public static byte[] Initialized(Guid sessionId) => Write(sessionId, null, "notifications/initialized", null);

    public static byte[] List(int id, string cursor, Guid sessionId) =>
        Write(sessionId, id, "tools/list", cursor.Length == 0 ? null : writer => writer.WriteString("cursor", cursor));

    /// <param name="id">Id of the request.</param>
    /// <param name="tool">Name of the tool on the device.</param>
    /// <param name="arguments">The arguments: an object's JSON.</param>
    /// <param name="sessionId">The session id.</param>
    public static byte[] Call(int id, string tool, ReadOnlyMemory<byte> arguments, Guid sessionId) => Write(sessionId, id, "tools/call", writer =>
    {
        writer.WriteString("name", tool);
        writer.WritePropertyName("arguments");
        writer.WriteRawValue(arguments.Span, skipInputValidation: true);
    });

    private static byte[] Write(Guid sessionId, int? id, string method, Action<Utf8JsonWriter>? parameters)
    {
        var payload = new ArrayBufferWriter<byte>(256);
        using (var writer = new Utf8JsonWriter(payload, DeviceJson.Plain))
        {
            writer.WriteStartObject();
            writer.WriteString("jsonrpc", "2.0");
            if (id is { } number)
            {
                writer.WriteNumber("id", number);
            }

            writer.WriteString("method", method);
            if (parameters is not null)
            {
                writer.WriteStartObject("params");
                parameters(writer);
                writer.WriteEndObject();
            }

            writer.WriteEndObject();
        }

        var message = new ArrayBufferWriter<byte>(payload.WrittenCount + 96);
        GatewayMessageWriter.WriteMcp(message, payload.WrittenSpan, sessionId);
        return message.WrittenSpan.ToArray();
    }
}
