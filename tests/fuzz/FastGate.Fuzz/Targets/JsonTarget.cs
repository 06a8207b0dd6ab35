using System.Buffers;
using System.Text.Json;
using FastGate.Protocol.Messages;

namespace FastGate.Fuzz.Targets;

/// <summary>Messages of devices. What the reader accepts must be JSON.</summary>
internal static class JsonTarget
{
    private static readonly JsonReaderOptions s_options = new() { MaxDepth = 1024 };

    public static void Run(byte[] input)
    {
        OperationStatus status = DeviceMessageReader.Read(input, out DeviceMessage message);
        FuzzException.ThrowUnless(status != OperationStatus.Done || IsJson(input), "The reader has accepted what is not JSON.");
        if (message.Type == DeviceMessageType.Mcp)
        {
            _ = McpMessageReader.Read(message.Payload);
        }

        _ = McpMessageReader.Read(input);
    }

    private static bool IsJson(byte[] input)
    {
        try
        {
            var reader = new Utf8JsonReader(input, s_options);
            while (reader.Read())
            {
            }

            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
