using System.Buffers;
using System.Buffers.Text;
using System.Runtime.CompilerServices;

namespace FastGate.Protocol.Messages;

/// <summary>
/// Reads text messages of devices in one pass over the UTF-8, without a document tree. It never throws and never recurses beyond the depth limit.
/// It is strict about JSON and lenient about fields; of a repeated name, the last value counts.
/// NUL bytes after the message are ignored: some devices send a C string with its terminator.
/// <para>Budget: 0 bytes allocated per message, valid or not; enforced by <c>DeviceMessageHostileTests</c>.</para>
/// </summary>
// Each keyword has a small stack buffer in case it is escaped; clearing these buffers would cost more than reading the message.
[SkipLocalsInit]
public static class DeviceMessageReader
{
    /// <summary>Length of the longest known name or keyword with every byte escaped; longer ones match nothing and are not unescaped.</summary>
    private const int LongestKeyword = 16 * 6;

    /// <summary>Reads one text message; the framing has validated that it is UTF-8.</summary>
    /// <returns>Done, or InvalidData when the text is not one JSON object or nests deeper than 64 levels.</returns>
    public static OperationStatus Read(ReadOnlySpan<byte> utf8, out DeviceMessage message)
    {
        message = default;
        if (utf8.SequenceEqual(UsualPing.Message))
        {
            message.Type = DeviceMessageType.Ping;
            return OperationStatus.Done;
        }

        var scanner = new JsonScanner(utf8.TrimEnd((byte)0));
        while (scanner.TryReadMember(out ReadOnlySpan<byte> name, out JsonKind kind, out ReadOnlySpan<byte> value))
        {
            Keep(ref message, name, kind, value);
        }

        if (scanner.IsComplete)
        {
            return OperationStatus.Done;
        }

        message = default;
        return OperationStatus.InvalidData;
    }

    private static void Keep(ref DeviceMessage message, ReadOnlySpan<byte> name, JsonKind kind, ReadOnlySpan<byte> value)
    {
        Span<byte> buffer = stackalloc byte[LongestKeyword];
        bool isString = kind == JsonKind.String;
        ReadOnlySpan<byte> ofObject = kind == JsonKind.Object ? value : default;
        ReadOnlySpan<byte> ofArray = kind == JsonKind.Array ? value : default;
        switch (Unescaped(name, buffer))
        {
            case var n when n.SequenceEqual("type"u8):
                message.Type = isString ? TypeOf(Unescaped(value, buffer)) : DeviceMessageType.Unknown;
                break;
            case var n when n.SequenceEqual("state"u8):
                message.State = isString ? StateOf(Unescaped(value, buffer)) : ListenState.None;
                break;
            case var n when n.SequenceEqual("mode"u8):
                message.Mode = isString ? ModeOf(Unescaped(value, buffer)) : ListenMode.None;
                break;
            case var n when n.SequenceEqual("text"u8):
                message.HasText = isString;
                message.RawText = isString ? value : default;
                break;
            case var n when n.SequenceEqual("version"u8):
                message.Version = ReadPositive(kind, value);
                break;
            case var n when n.SequenceEqual("features"u8):
                message.RefusesEmotions = Member(ofObject, "emoji"u8, out _) == JsonKind.False;
                message.OffersTools = Member(ofObject, "mcp"u8, out _) == JsonKind.True;
                break;
            case var n when n.SequenceEqual("payload"u8):
                message.Payload = ofObject;
                break;
            case var n when n.SequenceEqual("descriptors"u8):
                message.Descriptors = ofArray;
                break;
            case var n when n.SequenceEqual("states"u8):
                message.States = ofArray;
                break;
            case var n when n.SequenceEqual("action"u8):
                message.Action = isString ? ActionOf(Unescaped(value, buffer)) : ServerAction.None;
                break;
            case var n when n.SequenceEqual("content"u8):
                message.RawSecret = Member(ofObject, "secret"u8, out ReadOnlySpan<byte> secret) == JsonKind.String ? secret : default;
                break;
        }
    }

    private static DeviceMessageType TypeOf(ReadOnlySpan<byte> value) => value switch
    {
        var t when t.SequenceEqual("ping"u8) => DeviceMessageType.Ping,
        var t when t.SequenceEqual("listen"u8) => DeviceMessageType.Listen,
        var t when t.SequenceEqual("abort"u8) => DeviceMessageType.Abort,
        var t when t.SequenceEqual("mcp"u8) => DeviceMessageType.Mcp,
        var t when t.SequenceEqual("hello"u8) => DeviceMessageType.Hello,
        var t when t.SequenceEqual("keepalive"u8) => DeviceMessageType.Keepalive,
        var t when t.SequenceEqual("iot"u8) => DeviceMessageType.Iot,
        var t when t.SequenceEqual("server"u8) => DeviceMessageType.Server,
        var t when t.SequenceEqual("goodbye"u8) => DeviceMessageType.Goodbye,
        _ => DeviceMessageType.Unknown,
    };

    private static ListenState StateOf(ReadOnlySpan<byte> value) => value switch
    {
        var t when t.SequenceEqual("start"u8) => ListenState.Start,
        var t when t.SequenceEqual("stop"u8) => ListenState.Stop,
        var t when t.SequenceEqual("detect"u8) => ListenState.Detect,
        _ => ListenState.Other,
    };

    private static ListenMode ModeOf(ReadOnlySpan<byte> value) => value switch
    {
        var t when t.SequenceEqual("auto"u8) => ListenMode.Auto,
        var t when t.SequenceEqual("manual"u8) => ListenMode.Manual,
        var t when t.SequenceEqual("realtime"u8) => ListenMode.Realtime,
        _ => ListenMode.None,
    };

    private static ServerAction ActionOf(ReadOnlySpan<byte> value) => value switch
    {
        var t when t.SequenceEqual("restart"u8) => ServerAction.Restart,
        var t when t.SequenceEqual("update_config"u8) => ServerAction.UpdateConfig,
        _ => ServerAction.Other,
    };

    /// <summary>The last member of this name in an object that has been read; None when there is none.</summary>
    private static JsonKind Member(ReadOnlySpan<byte> json, ReadOnlySpan<byte> wanted, out ReadOnlySpan<byte> value)
    {
        JsonKind last = JsonKind.None;
        value = default;
        var scanner = new JsonScanner(json);
        while (scanner.TryReadMember(out ReadOnlySpan<byte> name, out JsonKind kind, out ReadOnlySpan<byte> found))
        {
            if (name.SequenceEqual(wanted))
            {
                last = kind;
                value = found;
            }
        }

        return last;
    }

    /// <summary>A positive integer up to <see cref="int.MaxValue"/>, else 0: a fraction, an exponent or an overflow counts as absent.</summary>
    private static int ReadPositive(JsonKind kind, ReadOnlySpan<byte> value) =>
        kind == JsonKind.Number && Utf8Parser.TryParse(value, out int number, out int used) && used == value.Length
            ? Math.Max(number, 0)
            : 0;

    /// <summary>Resolves the escapes of a name or keyword, unless it is too long to be a known one.</summary>
    private static ReadOnlySpan<byte> Unescaped(ReadOnlySpan<byte> raw, Span<byte> buffer) =>
        raw.Length > LongestKeyword || !raw.Contains((byte)'\\') ? raw : buffer[..JsonText.Unescape(raw, buffer)];
}
