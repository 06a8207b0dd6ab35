using System.Buffers;

namespace FastGate.Protocol.Messages;

/// <summary>
/// Payloads of the gateway's text messages; the caller frames them. Field order and shapes are those that existing firmware accepts. Text is
/// written unescaped where JSON allows it (Chinese and emoji included); an unpaired surrogate becomes U+FFFD. Budget: no allocation
/// (GatewayMessageWriterTests).
/// </summary>
public static class GatewayMessageWriter
{
    /// <summary>The reply to <c>ping</c> and <c>keepalive</c>.</summary>
    public static ReadOnlySpan<byte> Pong => """{"type":"pong"}"""u8;

    /// <summary><see cref="Pong"/> as one unmasked text frame.</summary>
    public static ReadOnlySpan<byte> PongFrame =>
    [
        0x81, 15,
        (byte)'{', (byte)'"', (byte)'t', (byte)'y', (byte)'p', (byte)'e', (byte)'"', (byte)':',
        (byte)'"', (byte)'p', (byte)'o', (byte)'n', (byte)'g', (byte)'"', (byte)'}',
    ];

    /// <summary>Sent to a connection when its device has connected again.</summary>
    public static ReadOnlySpan<byte> ReplacedNotice =>
        """{"type":"system","message":"检测到新连接，当前通道将于约1.5秒后关闭以切换到新通道"}"""u8;

    /// <summary><see cref="ReplacedNotice"/> in English.</summary>
    public static ReadOnlySpan<byte> ReplacedNoticeInEnglish =>
        """{"type":"system","message":"A new connection of this device was found. This one closes in about 1.5 seconds."}"""u8;

    /// <summary>Sent before an idle connection is closed.</summary>
    public static ReadOnlySpan<byte> TimeoutWarning =>
        """{"type":"system","event":"timeout_warning","message":"连接将因长时间空闲而关闭，如需继续请发送任意消息。"}"""u8;

    /// <summary><see cref="TimeoutWarning"/> in English.</summary>
    public static ReadOnlySpan<byte> TimeoutWarningInEnglish =>
        """{"type":"system","event":"timeout_warning","message":"The connection is about to close because it has been idle. Send any message to keep it."}"""u8;

    /// <summary>Sent to a device that could not be registered: plain text, not JSON.</summary>
    public static ReadOnlySpan<byte> RegistrationFailed => "设备注册失败"u8;

    /// <summary><see cref="RegistrationFailed"/> in English.</summary>
    public static ReadOnlySpan<byte> RegistrationFailedInEnglish => "Device registration failed"u8;

    /// <summary>
    /// Writes the reply to a hello, with the audio that will be sent. Firmware sizes its buffers from the frame duration, in milliseconds.
    /// </summary>
    public static void WriteHello(IBufferWriter<byte> output, Guid sessionId, int sampleRate, int channels, int frameDuration)
    {
        output.Write("{\"type\":\"hello\",\"version\":1,\"transport\":\"websocket\",\"session_id\":\""u8);
        JsonText.Write(output, sessionId);
        output.Write("\",\"audio_params\":{\"format\":\"opus\",\"sample_rate\":"u8);
        JsonText.Write(output, sampleRate);
        output.Write(",\"channels\":"u8);
        JsonText.Write(output, channels);
        output.Write(",\"frame_duration\":"u8);
        JsonText.Write(output, frameDuration);
        output.Write("}}"u8);
    }

    /// <summary>Writes the recognised text of the user's utterance.</summary>
    public static void WriteStt(IBufferWriter<byte> output, ReadOnlySpan<char> text, Guid sessionId) =>
        Write(output, "{\"type\":\"stt\",\"text\":\""u8, text, sessionId);

    /// <summary>Writes the emotion of a reply: once per turn, before the first sentence.</summary>
    public static void WriteLlm(IBufferWriter<byte> output, ReadOnlySpan<char> emoji, ReadOnlySpan<char> emotion, Guid sessionId)
    {
        output.Write("{\"type\":\"llm\",\"text\":\""u8);
        JsonText.Write(output, emoji);
        Write(output, "\",\"emotion\":\""u8, emotion, sessionId);
    }

    /// <summary>Writes a text that the device shows with a sound. Firmware requires all three texts.</summary>
    public static void WriteAlert(IBufferWriter<byte> output, ReadOnlySpan<char> status, ReadOnlySpan<char> message, ReadOnlySpan<char> emotion, Guid sessionId)
    {
        output.Write("{\"type\":\"alert\",\"status\":\""u8);
        JsonText.Write(output, status);
        output.Write("\",\"message\":\""u8);
        JsonText.Write(output, message);
        Write(output, "\",\"emotion\":\""u8, emotion, sessionId);
    }

    /// <summary>Writes the start of speech.</summary>
    public static void WriteTtsStart(IBufferWriter<byte> output, Guid sessionId) =>
        Write(output, "{\"type\":\"tts\",\"state\":\"start"u8, default, sessionId);

    /// <summary>Writes the sentence that is spoken next.</summary>
    public static void WriteTtsSentenceStart(IBufferWriter<byte> output, ReadOnlySpan<char> text, Guid sessionId) =>
        Write(output, "{\"type\":\"tts\",\"state\":\"sentence_start\",\"text\":\""u8, text, sessionId);

    /// <summary>Writes the end of speech.</summary>
    public static void WriteTtsStop(IBufferWriter<byte> output, Guid sessionId) =>
        Write(output, "{\"type\":\"tts\",\"state\":\"stop"u8, default, sessionId);

    /// <summary>Writes the reply to a management message. Without an action, as after a wrong secret, <c>content</c> is left out.</summary>
    public static void WriteServerReply(
        IBufferWriter<byte> output, bool success, ReadOnlySpan<char> message, ReadOnlySpan<char> action = default)
    {
        output.Write("{\"type\":\"server\",\"status\":\""u8);
        output.Write(success ? "success"u8 : "error"u8);
        output.Write("\",\"message\":\""u8);
        JsonText.Write(output, message);
        if (!action.IsEmpty)
        {
            output.Write("\",\"content\":{\"action\":\""u8);
            JsonText.Write(output, action);
            output.Write("\"}}"u8);
            return;
        }

        output.Write("\"}"u8);
    }

    /// <summary>Writes an <c>mcp</c> message around a JSON-RPC message.</summary>
    public static void WriteMcp(IBufferWriter<byte> output, ReadOnlySpan<byte> payload, Guid sessionId)
    {
        WriteMcpStart(output, sessionId);
        output.Write(payload);
        output.Write("}"u8);
    }

    /// <summary>Writes the answer to a request of the device: it may ping the gateway, which has no other method.</summary>
    /// <param name="output">Receives the message.</param>
    /// <param name="method">The method of the request.</param>
    /// <param name="rawId">The id as JSON.</param>
    /// <param name="sessionId">The session id.</param>
    public static void WriteMcpAnswer(IBufferWriter<byte> output, McpMethod method, ReadOnlySpan<byte> rawId, Guid sessionId)
    {
        WriteMcpStart(output, sessionId);
        output.Write("{\"jsonrpc\":\"2.0\",\"id\":"u8);
        output.Write(rawId);
        output.Write(method == McpMethod.Ping
            ? ",\"result\":{}}}"u8
            : ",\"error\":{\"code\":-32601,\"message\":\"Method not found\"}}}"u8);
    }

    private static void WriteMcpStart(IBufferWriter<byte> output, Guid sessionId)
    {
        output.Write("{\"session_id\":\""u8);
        JsonText.Write(output, sessionId);
        output.Write("\",\"type\":\"mcp\",\"payload\":"u8);
    }

    // Writes the start of an object that ends inside a string, the rest of that string, and the session id as the last member.
    private static void Write(IBufferWriter<byte> output, ReadOnlySpan<byte> start, ReadOnlySpan<char> text, Guid sessionId)
    {
        output.Write(start);
        JsonText.Write(output, text);
        output.Write("\",\"session_id\":\""u8);
        JsonText.Write(output, sessionId);
        output.Write("\"}"u8);
    }
}
