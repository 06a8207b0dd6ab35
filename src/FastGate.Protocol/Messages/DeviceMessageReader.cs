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

    /// <summary>Reads one text message.</summary>
    /// <param name="utf8">The message; the framing has validated that it is UTF-8.</param>
    /// <param name="message">The message when Done.</param>
    /// <returns>Done, or InvalidData when the text is not one JSON object or nests deeper than 64 levels.</returns>
    public static OperationStatus Read(ReadOnlySpan<byte> utf8, out DeviceMessage message)
    {
        // Idle devices send only this message, spelled exactly so.
        if (utf8.SequenceEqual("""{"type":"ping"}"""u8))
        {
            message = new DeviceMessage { Type = DeviceMessageType.Ping, RawType = utf8.Slice(9, 4) };
            return OperationStatus.Done;
        }

        var members = default(Members);
        var scanner = new JsonScanner(utf8.TrimEnd((byte)0));
        if (scanner.TryOpenObject())
        {
            while (scanner.TryReadMember(out ReadOnlySpan<byte> name, out JsonKind kind, out ReadOnlySpan<byte> value))
            {
                Keep(ref members, name, kind, value);
            }
        }

        if (!scanner.IsComplete)
        {
            message = default;
            return OperationStatus.InvalidData;
        }

        message = Build(members);
        return OperationStatus.Done;
    }

    private static void Keep(ref Members members, ReadOnlySpan<byte> name, JsonKind kind, ReadOnlySpan<byte> value)
    {
        Span<byte> buffer = stackalloc byte[LongestKeyword];
        switch (Unescaped(name, buffer))
        {
            case var n when n.SequenceEqual("type"u8):
                members.Type = kind == JsonKind.String ? value : default;
                break;
            case var n when n.SequenceEqual("state"u8):
                members.State = kind == JsonKind.String ? ReadState(value) : ListenState.None;
                break;
            case var n when n.SequenceEqual("mode"u8):
                members.Mode = kind == JsonKind.String ? ReadMode(value) : ListenMode.None;
                break;
            case var n when n.SequenceEqual("text"u8):
                members.HasText = kind == JsonKind.String;
                members.Text = members.HasText ? value : default;
                break;
            case var n when n.SequenceEqual("version"u8):
                members.Version = ReadPositive(kind, value);
                break;
            case var n when n.SequenceEqual("features"u8):
                members.Features = kind == JsonKind.Object ? value : default;
                break;
            case var n when n.SequenceEqual("audio_params"u8):
                members.Audio = kind == JsonKind.Object ? value : default;
                break;
            case var n when n.SequenceEqual("payload"u8):
                members.Payload = kind == JsonKind.Object ? value : default;
                break;
            case var n when n.SequenceEqual("descriptors"u8):
                members.Descriptors = kind == JsonKind.Array ? value : default;
                break;
            case var n when n.SequenceEqual("states"u8):
                members.States = kind == JsonKind.Array ? value : default;
                break;
            case var n when n.SequenceEqual("action"u8):
                members.Action = kind == JsonKind.String ? ReadAction(value) : ServerAction.None;
                break;
            case var n when n.SequenceEqual("content"u8):
                members.Content = kind == JsonKind.Object ? value : default;
                break;
        }
    }

    private static DeviceMessage Build(scoped in Members members)
    {
        DeviceMessageType type = ReadType(members.Type);
        return new DeviceMessage
        {
            Type = type,
            RawType = members.Type,
            State = members.State,
            Mode = members.Mode,
            HasText = members.HasText,
            RawText = members.Text,
            Version = members.Version,
            Features = type == DeviceMessageType.Hello ? ReadFeatures(members.Features) : DeviceFeatures.None,
            Audio = type == DeviceMessageType.Hello ? ReadAudio(members.Audio) : default,
            Payload = members.Payload,
            Descriptors = members.Descriptors,
            States = members.States,
            Action = members.Action,
            Content = members.Content,
            RawSecret = type == DeviceMessageType.Server ? ReadSecret(members.Content) : default,
        };
    }

    private static DeviceMessageType ReadType(ReadOnlySpan<byte> value)
    {
        Span<byte> buffer = stackalloc byte[LongestKeyword];
        return Unescaped(value, buffer) switch
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
    }

    private static ListenState ReadState(ReadOnlySpan<byte> value)
    {
        Span<byte> buffer = stackalloc byte[LongestKeyword];
        return Unescaped(value, buffer) switch
        {
            var t when t.SequenceEqual("start"u8) => ListenState.Start,
            var t when t.SequenceEqual("stop"u8) => ListenState.Stop,
            var t when t.SequenceEqual("detect"u8) => ListenState.Detect,
            _ => ListenState.Other,
        };
    }

    private static ListenMode ReadMode(ReadOnlySpan<byte> value)
    {
        Span<byte> buffer = stackalloc byte[LongestKeyword];
        return Unescaped(value, buffer) switch
        {
            var t when t.SequenceEqual("auto"u8) => ListenMode.Auto,
            var t when t.SequenceEqual("manual"u8) => ListenMode.Manual,
            var t when t.SequenceEqual("realtime"u8) => ListenMode.Realtime,
            _ => ListenMode.None,
        };
    }

    private static ServerAction ReadAction(ReadOnlySpan<byte> value)
    {
        Span<byte> buffer = stackalloc byte[LongestKeyword];
        return Unescaped(value, buffer) switch
        {
            var t when t.SequenceEqual("restart"u8) => ServerAction.Restart,
            var t when t.SequenceEqual("update_config"u8) => ServerAction.UpdateConfig,
            _ => ServerAction.Other,
        };
    }

    private static DeviceFeatures ReadFeatures(ReadOnlySpan<byte> features)
    {
        DeviceFeatures result = DeviceFeatures.None;
        var scanner = new JsonScanner(features);
        _ = scanner.TryOpenObject();
        while (scanner.TryReadMember(out ReadOnlySpan<byte> name, out JsonKind kind, out _))
        {
            (DeviceFeatures yes, DeviceFeatures no) = name switch
            {
                var n when n.SequenceEqual("mcp"u8) => (DeviceFeatures.Mcp, DeviceFeatures.None),
                var n when n.SequenceEqual("aec"u8) => (DeviceFeatures.Aec, DeviceFeatures.None),
                var n when n.SequenceEqual("emoji"u8) => (DeviceFeatures.Emoji, DeviceFeatures.NoEmoji),
                _ => default,
            };
            result &= ~(yes | no);
            result |= kind == JsonKind.True ? yes : kind == JsonKind.False ? no : DeviceFeatures.None;
        }

        return result;
    }

    private static AudioParameters ReadAudio(ReadOnlySpan<byte> audio)
    {
        AudioParameters result = default;
        var scanner = new JsonScanner(audio);
        _ = scanner.TryOpenObject();
        while (scanner.TryReadMember(out ReadOnlySpan<byte> name, out JsonKind kind, out ReadOnlySpan<byte> value))
        {
            result = name switch
            {
                var n when n.SequenceEqual("format"u8) => result with
                {
                    Format = kind != JsonKind.String ? AudioFormat.None
                        : value.SequenceEqual("opus"u8) ? AudioFormat.Opus
                        : AudioFormat.Other,
                },
                var n when n.SequenceEqual("sample_rate"u8) => result with { SampleRate = ReadPositive(kind, value) },
                var n when n.SequenceEqual("channels"u8) => result with { Channels = ReadPositive(kind, value) },
                var n when n.SequenceEqual("frame_duration"u8) => result with { FrameDuration = ReadPositive(kind, value) },
                _ => result,
            };
        }

        return result;
    }

    private static ReadOnlySpan<byte> ReadSecret(ReadOnlySpan<byte> content)
    {
        ReadOnlySpan<byte> secret = default;
        var scanner = new JsonScanner(content);
        _ = scanner.TryOpenObject();
        while (scanner.TryReadMember(out ReadOnlySpan<byte> name, out JsonKind kind, out ReadOnlySpan<byte> value))
        {
            if (name.SequenceEqual("secret"u8))
            {
                secret = kind == JsonKind.String ? value : default;
            }
        }

        return secret;
    }

    /// <summary>A positive integer up to <see cref="int.MaxValue"/>, else 0: a fraction, an exponent or an overflow counts as absent.</summary>
    private static int ReadPositive(JsonKind kind, ReadOnlySpan<byte> value) =>
        kind == JsonKind.Number && Utf8Parser.TryParse(value, out int number, out int used) && used == value.Length
            ? Math.Max(number, 0)
            : 0;

    /// <summary>Resolves the escapes of a name or keyword, unless it is too long to be a known one.</summary>
    private static ReadOnlySpan<byte> Unescaped(ReadOnlySpan<byte> raw, Span<byte> buffer) =>
        raw.Length > LongestKeyword || !raw.Contains((byte)'\\') ? raw : buffer[..JsonText.Unescape(raw, buffer)];

    private ref struct Members
    {
        public ReadOnlySpan<byte> Type;
        public ReadOnlySpan<byte> Text;
        public ReadOnlySpan<byte> Features;
        public ReadOnlySpan<byte> Audio;
        public ReadOnlySpan<byte> Payload;
        public ReadOnlySpan<byte> Descriptors;
        public ReadOnlySpan<byte> States;
        public ReadOnlySpan<byte> Content;
        public int Version;
        public ListenState State;
        public ListenMode Mode;
        public ServerAction Action;
        public bool HasText;
    }
}
