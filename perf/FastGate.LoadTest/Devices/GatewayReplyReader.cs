using System.Text.Json;

namespace FastGate.LoadTest.Devices;

/// <summary>Finds the kind of a text message, in any order of its keys. Allocates nothing.</summary>
internal static class GatewayReplyReader
{
    public static GatewayReply Read(ReadOnlySpan<byte> utf8) => Read(utf8, out _);

    public static GatewayReply Read(ReadOnlySpan<byte> utf8, out Guid session)
    {
        session = default;
        GatewayReply type = GatewayReply.Other;
        GatewayReply speech = GatewayReply.Other;
        bool isSpeech = false;
        try
        {
            var reader = new Utf8JsonReader(utf8);
            while (reader.Read())
            {
                if (reader.TokenType != JsonTokenType.PropertyName || reader.CurrentDepth != 1)
                {
                    continue;
                }

                if (reader.ValueTextEquals("type"u8))
                {
                    reader.Read();
                    isSpeech = reader.TokenType == JsonTokenType.String && reader.ValueTextEquals("tts"u8);
                    type = TypeOf(reader);
                    if (type == GatewayReply.Pong)
                    {
                        return type;
                    }
                }
                else if (reader.ValueTextEquals("state"u8))
                {
                    reader.Read();
                    speech = SpeechOf(reader);
                }
                else if (reader.ValueTextEquals("session_id"u8))
                {
                    reader.Read();
                    _ = reader.TokenType == JsonTokenType.String && reader.TryGetGuid(out session);
                }
            }
        }
        catch (JsonException)
        {
            // Plain text, for example a registration failure.
            return GatewayReply.Other;
        }

        return isSpeech ? speech : type;
    }

    private static GatewayReply TypeOf(in Utf8JsonReader reader) => reader.TokenType != JsonTokenType.String ? GatewayReply.Other
        : reader.ValueTextEquals("pong"u8) ? GatewayReply.Pong
        : reader.ValueTextEquals("hello"u8) ? GatewayReply.Hello
        : reader.ValueTextEquals("stt"u8) ? GatewayReply.Stt
        : reader.ValueTextEquals("system"u8) ? GatewayReply.System
        : GatewayReply.Other;

    private static GatewayReply SpeechOf(in Utf8JsonReader reader) => reader.TokenType != JsonTokenType.String ? GatewayReply.Other
        : reader.ValueTextEquals("sentence_start"u8) ? GatewayReply.TtsSentence
        : reader.ValueTextEquals("start"u8) ? GatewayReply.TtsStart
        : reader.ValueTextEquals("stop"u8) ? GatewayReply.TtsStop
        : GatewayReply.Other;
}
