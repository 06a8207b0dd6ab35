using System.Buffers.Text;

namespace FastGate.Protocol.Messages;

/// <summary>
/// Reads the payload of an <c>mcp</c> message: an object that <see cref="DeviceMessageReader"/> has accepted. It never throws. Budget: no allocation.
/// </summary>
public static class McpMessageReader
{
    /// <summary>Longest name, method or id that is unescaped or answered.</summary>
    private const int LongestWord = 64;

    /// <summary>Reads one payload. Of a repeated name, the last value counts.</summary>
    public static McpMessage Read(ReadOnlySpan<byte> payload)
    {
        var message = new McpMessage { Id = -1 };
        var scanner = new JsonScanner(payload);
        while (scanner.TryReadMember(out ReadOnlySpan<byte> name, out JsonKind kind, out ReadOnlySpan<byte> value))
        {
            if (name.SequenceEqual("id"u8))
            {
                message.Id = IdOf(kind, value);
                message.RawId = RawIdOf(payload, kind, value);
            }
            else if (name.SequenceEqual("method"u8))
            {
                message.Method = kind switch
                {
                    JsonKind.String => MethodOf(value),
                    JsonKind.Null => McpMethod.None,
                    _ => McpMethod.Other,
                };
            }
            else if (name.SequenceEqual("result"u8))
            {
                message.Result = kind == JsonKind.Object ? value : default;
            }
            else if (name.SequenceEqual("error"u8))
            {
                message.HasError = kind is not JsonKind.Null;
                message.RawError = ErrorOf(kind, value);
            }
        }

        return message;
    }

    private static int IdOf(JsonKind kind, ReadOnlySpan<byte> value) =>
        kind is JsonKind.Number or JsonKind.String && Utf8Parser.TryParse(value, out int id, out int used) && used == value.Length && id >= 0 ? id : -1;

    /// <summary>A string is found again with its quotes, which are next to the value.</summary>
    private static ReadOnlySpan<byte> RawIdOf(ReadOnlySpan<byte> payload, JsonKind kind, ReadOnlySpan<byte> value)
    {
        if (value.Length > LongestWord || kind is not (JsonKind.Number or JsonKind.String))
        {
            return default;
        }

        if (kind == JsonKind.Number)
        {
            return value;
        }

        _ = payload.Overlaps(value, out int start);
        return value.IsEmpty ? "\"\""u8 : payload.Slice(start - 1, value.Length + 2);
    }

    private static McpMethod MethodOf(ReadOnlySpan<byte> value)
    {
        if (value.Length > LongestWord)
        {
            return McpMethod.Other;
        }

        Span<byte> buffer = stackalloc byte[LongestWord];
        return buffer[..JsonText.Unescape(value, buffer)] switch
        {
            var method when method.SequenceEqual("ping"u8) => McpMethod.Ping,
            var method when method.SequenceEqual("notifications/tools/list_changed"u8) => McpMethod.ToolsChanged,
            _ => McpMethod.Other,
        };
    }

    /// <summary>The firmware's errors are objects with a message; a string is taken for the message.</summary>
    private static ReadOnlySpan<byte> ErrorOf(JsonKind kind, ReadOnlySpan<byte> value)
    {
        if (kind == JsonKind.String)
        {
            return value;
        }

        ReadOnlySpan<byte> message = default;
        if (kind == JsonKind.Object)
        {
            var scanner = new JsonScanner(value);
            while (scanner.TryReadMember(out ReadOnlySpan<byte> name, out JsonKind found, out ReadOnlySpan<byte> text))
            {
                if (name.SequenceEqual("message"u8) && found == JsonKind.String)
                {
                    message = text;
                }
            }
        }

        return message;
    }
}
