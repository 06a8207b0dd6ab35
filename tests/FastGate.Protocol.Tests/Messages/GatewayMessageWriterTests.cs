using System.Buffers;
using System.Text;
using System.Text.Json;
using FastGate.Protocol.Framing;
using FastGate.Protocol.Messages;
using FastGate.Protocol.Tests.Framing;
using FastGate.Testing;

namespace FastGate.Protocol.Tests.Messages;

public class GatewayMessageWriterTests
{
    private const string Session = "0c8b1ac4-52f6-4f5b-9e62-2d8a1c1f0b7e";

    private static readonly Guid s_session = Guid.Parse(Session);

    [Fact]
    public void Constants_match_the_protocol()
    {
        Assert.Equal("""{"type":"pong"}""", Encoding.UTF8.GetString(GatewayMessageWriter.Pong));
        Assert.Equal(
            """{"type":"system","message":"检测到新连接，当前通道将于约1.5秒后关闭以切换到新通道"}""",
            Encoding.UTF8.GetString(GatewayMessageWriter.ReplacedNotice));
        Assert.Equal(
            """{"type":"system","event":"timeout_warning","message":"连接将因长时间空闲而关闭，如需继续请发送任意消息。"}""",
            Encoding.UTF8.GetString(GatewayMessageWriter.TimeoutWarning));
        Assert.Equal("设备注册失败", Encoding.UTF8.GetString(GatewayMessageWriter.RegistrationFailed));
    }

    [Fact]
    public void Pong_frame_equals_the_framed_pong()
    {
        var output = new ArrayBufferWriter<byte>();
        FrameWriter.WriteMessage(output, Opcode.Text, GatewayMessageWriter.Pong);
        Assert.True(output.WrittenSpan.SequenceEqual(GatewayMessageWriter.PongFrame));
    }

    [Fact]
    public void Write_hello_writes_session_and_audio_parameters() => AssertWrites(
        $$$"""{"type":"hello","version":1,"transport":"websocket","session_id":"{{{Session}}}","audio_params":{"format":"opus","sample_rate":24000,"channels":1,"frame_duration":60}}""",
        output => GatewayMessageWriter.WriteHello(output, s_session, 24000, 1, 60));

    [Fact]
    public void Write_stt_writes_the_text() => AssertWrites(
        $$"""{"type":"stt","text":"今天天气怎么样？","session_id":"{{Session}}"}""",
        output => GatewayMessageWriter.WriteStt(output, "今天天气怎么样？", s_session));

    [Fact]
    public void Write_llm_writes_emoji_and_emotion() => AssertWrites(
        $$"""{"type":"llm","text":"🙂","emotion":"happy","session_id":"{{Session}}"}""",
        output => GatewayMessageWriter.WriteLlm(output, "🙂", "happy", s_session));

    [Fact]
    public void Write_tts_writes_each_state()
    {
        AssertWrites(
            $$"""{"type":"tts","state":"start","session_id":"{{Session}}"}""",
            output => GatewayMessageWriter.WriteTtsStart(output, s_session));
        AssertWrites(
            $$"""{"type":"tts","state":"sentence_start","text":"你好。","session_id":"{{Session}}"}""",
            output => GatewayMessageWriter.WriteTtsSentenceStart(output, "你好。", s_session));
        AssertWrites(
            $$"""{"type":"tts","state":"stop","session_id":"{{Session}}"}""",
            output => GatewayMessageWriter.WriteTtsStop(output, s_session));
    }

    [Fact]
    public void Write_server_reply_writes_status_message_and_action()
    {
        AssertWrites(
            """{"type":"server","status":"success","message":"服务器重启中...","content":{"action":"restart"}}""",
            output => GatewayMessageWriter.WriteServerReply(output, success: true, "服务器重启中...", "restart"));
        AssertWrites(
            """{"type":"server","status":"error","message":"服务器密钥验证失败"}""",
            output => GatewayMessageWriter.WriteServerReply(output, success: false, "服务器密钥验证失败"));
    }

    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("\"quoted\" \\ /", "\\\"quoted\\\" \\\\ /")]
    [InlineData("a\nb\rc\td\0e\u001ff\u007f", "a\\nb\\rc\\td\\u0000e\\u001ff\\u007f")]
    [InlineData("汉字 é <b>&'+", "汉字 é <b>&'+")]
    [InlineData("👩‍👩‍👧🇨🇳", "👩‍👩‍👧🇨🇳")]
    public void Text_is_escaped_only_where_required(string text, string expected) => AssertWrites(
        $$"""{"type":"stt","text":"{{expected}}","session_id":"{{Session}}"}""",
        output => GatewayMessageWriter.WriteStt(output, text, s_session));

    [Fact]
    public void Unpaired_surrogate_is_replaced()
    {
        // Not in the table, because attributes cannot hold such strings.
        Text_is_escaped_only_where_required("\ud83d", "\ufffd");
        Text_is_escaped_only_where_required("\ude42 \ud83d\ud83d\ude42 \ud83d\"", "\ufffd \ufffd🙂 \ufffd\\\"");
        Text_is_escaped_only_where_required(new string('汉', 300) + "\ud83d", new string('汉', 300) + "\ufffd");
    }

    [Fact]
    public void Text_of_any_length_can_be_parsed()
    {
        var random = new Random(11);
        string[] pieces = ["a", "\"", "\\", "\n", "汉", "🙂", "é", "\u0001", "词语和句子", "hello, world "];
        for (int count = 0; count < 600; count += 7)
        {
            string text = string.Concat(Enumerable.Range(0, count).Select(_ => pieces[random.Next(pieces.Length)]));
            var output = new PiecewiseWriter(16);
            GatewayMessageWriter.WriteStt(output, text, s_session);
            using var document = JsonDocument.Parse(output.Written);
            Assert.Equal(text, document.RootElement.GetProperty("text").GetString());

            Assert.Equal(OperationStatus.Done, DeviceMessageReader.Read(output.Written.Span, out DeviceMessage message));
            Assert.Equal(text, message.GetText());
        }
    }

    [Fact]
    public void Writing_allocates_nothing()
    {
        var output = new ArrayBufferWriter<byte>(16 * 1024);
        string text = string.Concat(Enumerable.Repeat("一句\"话\"。🙂\n", 50));
        Assert.Equal(0, Allocations.Of(() => WriteAll(output, text)));
    }

    private static void WriteAll(ArrayBufferWriter<byte> output, string text)
    {
        output.ResetWrittenCount();
        GatewayMessageWriter.WriteHello(output, s_session, 24000, 1, 60);
        GatewayMessageWriter.WriteStt(output, text, s_session);
        GatewayMessageWriter.WriteLlm(output, "🙂", "happy", s_session);
        GatewayMessageWriter.WriteTtsStart(output, s_session);
        GatewayMessageWriter.WriteTtsSentenceStart(output, text, s_session);
        GatewayMessageWriter.WriteTtsStop(output, s_session);
        GatewayMessageWriter.WriteServerReply(output, success: true, text, "restart");
    }

    private static void AssertWrites(string expected, Action<IBufferWriter<byte>> write)
    {
        var roomy = new ArrayBufferWriter<byte>();
        write(roomy);
        Assert.Equal(expected, Encoding.UTF8.GetString(roomy.WrittenSpan));
        JsonDocument.Parse(roomy.WrittenMemory).Dispose();

        var tight = new PiecewiseWriter(1);
        write(tight);
        Assert.Equal(expected, Encoding.UTF8.GetString(tight.Written.Span));
    }
}
