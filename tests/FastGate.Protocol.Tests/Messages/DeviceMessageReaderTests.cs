using System.Buffers;
using System.Text;
using FastGate.Protocol.Messages;

namespace FastGate.Protocol.Tests.Messages;

public class DeviceMessageReaderTests
{
    [Theory]
    [InlineData("""{"type":"ping"}""", DeviceMessageType.Ping)]
    [InlineData("""{"type":"ping","session_id":""}""", DeviceMessageType.Ping)]
    [InlineData("""{"session_id":"","type":"ping"}""", DeviceMessageType.Ping)]
    [InlineData(""" { "type" : "ping" } """, DeviceMessageType.Ping)]
    [InlineData("""{"type":"p\u0069ng"}""", DeviceMessageType.Ping)]
    [InlineData("""{"\u0074ype":"ping"}""", DeviceMessageType.Ping)]
    [InlineData("""{"type":"keepalive"}""", DeviceMessageType.Keepalive)]
    [InlineData("""{"type":"hello"}""", DeviceMessageType.Hello)]
    [InlineData("""{"type":"listen"}""", DeviceMessageType.Listen)]
    [InlineData("""{"type":"abort","reason":"wake_word_detected"}""", DeviceMessageType.Abort)]
    [InlineData("""{"type":"iot"}""", DeviceMessageType.Iot)]
    [InlineData("""{"type":"mcp"}""", DeviceMessageType.Mcp)]
    [InlineData("""{"type":"server"}""", DeviceMessageType.Server)]
    [InlineData("""{"type":"goodbye"}""", DeviceMessageType.Goodbye)]
    [InlineData("""{"type":"workflow"}""", DeviceMessageType.Unknown)]
    [InlineData("""{"type":"PING"}""", DeviceMessageType.Unknown)]
    [InlineData("""{"type":"pingx"}""", DeviceMessageType.Unknown)]
    [InlineData("""{"type":""}""", DeviceMessageType.Unknown)]
    [InlineData("""{"type":1}""", DeviceMessageType.Unknown)]
    [InlineData("""{"type":null}""", DeviceMessageType.Unknown)]
    [InlineData("""{"type":{"type":"ping"}}""", DeviceMessageType.Unknown)]
    [InlineData("""{"Type":"ping"}""", DeviceMessageType.Unknown)]
    [InlineData("""{}""", DeviceMessageType.Unknown)]
    public void Read_maps_the_type(string json, DeviceMessageType expected)
    {
        Assert.Equal(OperationStatus.Done, Read(json, out DeviceMessage message));
        Assert.Equal(expected, message.Type);
    }

    [Theory]
    [InlineData("""{"type":"hello","type":"ping"}""", DeviceMessageType.Ping)]
    [InlineData("""{"type":"ping","type":"hello"}""", DeviceMessageType.Hello)]
    [InlineData("""{"type":"ping","type":7}""", DeviceMessageType.Unknown)]
    [InlineData("""{"type":"ping","t\u0079pe":"abort"}""", DeviceMessageType.Abort)]
    public void Read_uses_the_last_of_repeated_names(string json, DeviceMessageType expected)
    {
        Assert.Equal(OperationStatus.Done, Read(json, out DeviceMessage message));
        Assert.Equal(expected, message.Type);
    }

    [Theory]
    [InlineData("""{"type":"listen","state":"start","mode":"auto"}""", ListenState.Start, ListenMode.Auto)]
    [InlineData("""{"type":"listen","state":"start","mode":"manual"}""", ListenState.Start, ListenMode.Manual)]
    [InlineData("""{"type":"listen","state":"start","mode":"realtime"}""", ListenState.Start, ListenMode.Realtime)]
    [InlineData("""{"type":"listen","state":"stop"}""", ListenState.Stop, ListenMode.None)]
    [InlineData("""{"type":"listen","state":"detect","text":"你好"}""", ListenState.Detect, ListenMode.None)]
    [InlineData("""{"type":"listen","state":"pause","mode":"x"}""", ListenState.Other, ListenMode.None)]
    [InlineData("""{"type":"listen","state":3,"mode":[]}""", ListenState.None, ListenMode.None)]
    [InlineData("""{"type":"listen"}""", ListenState.None, ListenMode.None)]
    public void Read_reads_state_and_mode_of_listen(string json, ListenState state, ListenMode mode)
    {
        Assert.Equal(OperationStatus.Done, Read(json, out DeviceMessage message));
        Assert.Equal((DeviceMessageType.Listen, state, mode), (message.Type, message.State, message.Mode));
    }

    [Theory]
    [InlineData("""{"type":"listen","text":"你好🙂"}""", true, "你好🙂")]
    [InlineData("""{"type":"listen","text":""}""", true, "")]
    [InlineData("""{"type":"listen"}""", false, "")]
    [InlineData("""{"type":"listen","text":null}""", false, "")]
    [InlineData("""{"type":"listen","text":["a"]}""", false, "")]
    [InlineData("""{"type":"listen","text":"a","text":3}""", false, "")]
    [InlineData("""{"type":"listen","text":"\u4f60\u597d\ud83d\ude42"}""", true, "你好🙂")]
    [InlineData("""{"type":"listen","text":"a\"b\\c\/d\b\f\n\r\te"}""", true, "a\"b\\c/d\b\f\n\r\te")]
    [InlineData("""{"type":"listen","text":"\u0000"}""", true, "\0")]
    [InlineData("""{"type":"listen","text":"\ud83d"}""", true, "\ufffd")]
    [InlineData("""{"type":"listen","text":"x\ude42y"}""", true, "x\ufffdy")]
    [InlineData("""{"type":"listen","text":"\ud83d\ud83d\ude42"}""", true, "\ufffd🙂")]
    [InlineData("""{"type":"listen","text":"\ud83dz\ude42"}""", true, "\ufffdz\ufffd")]
    [InlineData("""{"type":"listen","text":"\ud83d\n"}""", true, "\ufffd\n")]
    [InlineData("""{"type":"listen","text":"\ud83d\u0041"}""", true, "\ufffdA")]
    public void Read_reads_the_text(string json, bool has, string expected)
    {
        Assert.Equal(OperationStatus.Done, Read(json, out DeviceMessage message));
        Assert.Equal(has, message.HasText);
        Assert.Equal(expected, message.GetText());
    }

    [Fact]
    public void Read_unescapes_a_long_text()
    {
        string text = string.Concat(Enumerable.Repeat("line\n\"引号\" 🙂 ", 500));
        string json = $$"""{"type":"listen","text":{{System.Text.Json.JsonSerializer.Serialize(text)}}}""";
        Assert.Equal(OperationStatus.Done, Read(json, out DeviceMessage message));
        Assert.Equal(text, message.GetText());
    }

    [Fact]
    public void Read_reads_a_hello_of_firmware()
    {
        Assert.Equal(
            OperationStatus.Done,
            Read(
                """
                {"type":"hello","version":1,"features":{"mcp":true,"aec":true,"glyph_push":true},
                 "text_font":{"bundle":"noto-v1","charset":"common","size":20,"bpp":4},"transport":"websocket",
                 "audio_params":{"format":"opus","sample_rate":16000,"channels":1,"frame_duration":60}}
                """,
                out DeviceMessage message));
        Assert.Equal((DeviceMessageType.Hello, 1), (message.Type, message.Version));
        Assert.False(message.RefusesEmotions);
        Assert.True(message.OffersTools);
    }

    [Theory]
    [InlineData("""{"type":"hello","features":{"mcp":true}}""", true)]
    [InlineData("""{"type":"hello","features":{"mcp":false,"mcp":true}}""", true)]
    [InlineData("""{"type":"hello","features":{"mcp":true},"features":{}}""", false)]
    [InlineData("""{"type":"hello","features":{"mcp":1}}""", false)]
    [InlineData("""{"type":"hello","features":{"mcp":"true"}}""", false)]
    [InlineData("""{"type":"hello","features":["mcp"]}""", false)]
    [InlineData("""{"type":"hello","mcp":true}""", false)]
    [InlineData("""{"type":"hello"}""", false)]
    public void Read_reads_whether_a_device_offers_tools(string json, bool offersTools)
    {
        Assert.Equal(OperationStatus.Done, Read(json, out DeviceMessage message));
        Assert.Equal(offersTools, message.OffersTools);
    }

    [Theory]
    [InlineData("""{"type":"hello"}""", 0, false)]
    [InlineData("""{"type":"hello","version":3,"features":{"mcp":true,"emoji":false}}""", 3, true)]
    [InlineData("""{"type":"hello","version":2,"features":{"emoji":true}}""", 2, false)]
    [InlineData("""{"type":"hello","features":{"mcp":1,"aec":"true","emoji":null}}""", 0, false)]
    [InlineData("""{"type":"hello","features":{"mcp":false,"emoji":0}}""", 0, false)]
    [InlineData("""{"type":"hello","features":{"emoji":false,"emoji":true}}""", 0, false)]
    [InlineData("""{"type":"hello","features":{"emoji":true,"emoji":false}}""", 0, true)]
    [InlineData("""{"type":"hello","features":{"emoji":false},"features":{}}""", 0, false)]
    [InlineData("""{"type":"hello","features":{"x":{"emoji":false}}}""", 0, false)]
    [InlineData("""{"type":"hello","features":[true],"version":"1"}""", 0, false)]
    [InlineData("""{"type":"hello","version":99999999999999999999}""", 0, false)]
    [InlineData("""{"type":"hello","version":-1}""", 0, false)]
    [InlineData("""{"type":"hello","version":1.5}""", 0, false)]
    [InlineData("""{"type":"hello","version":1e400}""", 0, false)]
    [InlineData("""{"type":"listen","version":3}""", 3, false)]
    public void Read_reads_version_and_features_leniently(string json, int version, bool refusesEmotions)
    {
        Assert.Equal(OperationStatus.Done, Read(json, out DeviceMessage message));
        Assert.Equal((version, refusesEmotions), (message.Version, message.RefusesEmotions));
    }

    [Fact]
    public void Read_keeps_descriptors_and_states_of_iot_unchanged()
    {
        const string Descriptors = """[{"name":"Speaker","description":"扬声器"},{"name":"Lamp","properties":{},"methods":{}}]""";
        const string States = """[ {"name":"Speaker","state":{"volume":50}} ]""";
        Read($$"""{"type":"iot","update":true,"descriptors":{{Descriptors}},"states":{{States}}}""", out DeviceMessage message);
        Assert.Equal(Descriptors, Encoding.UTF8.GetString(message.Descriptors));
        Assert.Equal(States, Encoding.UTF8.GetString(message.States));

        Assert.Equal(OperationStatus.Done, Read("""{"type":"iot","descriptors":{},"states":null}""", out message));
        Assert.True(message.Descriptors.IsEmpty && message.States.IsEmpty);
    }

    [Fact]
    public void Read_keeps_the_payload_of_mcp_unchanged()
    {
        const string Payload = """{ "jsonrpc":"2.0","id":1,"result":{"content":[{"type":"text","text":"}\"{"}],"isError":false} }""";
        Read($$"""{"session_id":"x","type":"mcp","payload":{{Payload}}}""", out DeviceMessage message);
        Assert.Equal(Payload, Encoding.UTF8.GetString(message.Payload));
        Assert.Equal(DeviceMessageType.Mcp, message.Type);

        Assert.Equal(OperationStatus.Done, Read("""{"type":"mcp","payload":"text"}""", out message));
        Assert.True(message.Payload.IsEmpty);
    }

    [Theory]
    [InlineData("""{"type":"server","action":"restart","content":{"secret":"s3cr\u0065t"}}""", ServerAction.Restart, true)]
    [InlineData("""{"type":"server","action":"update_config","content":{"x":1,"secret":"s3cret"}}""", ServerAction.UpdateConfig, true)]
    [InlineData("""{"content":{"secret":"wrong"},"action":"dance","type":"server"}""", ServerAction.Other, false)]
    [InlineData("""{"type":"server","action":"restart","content":{"secret":""}}""", ServerAction.Restart, false)]
    [InlineData("""{"type":"server","action":"restart","content":{"secret":"s3cret","secret":1}}""", ServerAction.Restart, false)]
    [InlineData("""{"type":"server","action":"restart","content":{}}""", ServerAction.Restart, false)]
    [InlineData("""{"type":"server","action":"restart","content":"s3cret"}""", ServerAction.Restart, false)]
    [InlineData("""{"type":"server","action":"restart","secret":"s3cret"}""", ServerAction.Restart, false)]
    [InlineData("""{"type":"server","action":1}""", ServerAction.None, false)]
    [InlineData("""{"type":"server","content":{"secret":"s3cretx"}}""", ServerAction.None, false)]
    [InlineData("""{"type":"server","content":{"secret":"s3cre"}}""", ServerAction.None, false)]
    public void Read_reads_action_and_secret_of_server(string json, ServerAction action, bool secret)
    {
        Assert.Equal(OperationStatus.Done, Read(json, out DeviceMessage message));
        Assert.Equal((DeviceMessageType.Server, action), (message.Type, message.Action));
        Assert.Equal(secret, message.SecretEquals("s3cret"u8));
        Assert.False(message.SecretEquals(""u8));
    }

    private static OperationStatus Read(string json, out DeviceMessage message) =>
        DeviceMessageReader.Read(Encoding.UTF8.GetBytes(json), out message);
}
