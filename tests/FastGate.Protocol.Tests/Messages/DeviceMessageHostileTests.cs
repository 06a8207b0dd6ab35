using System.Buffers;
using System.Text;
using System.Text.Json;
using FastGate.Protocol.Messages;
using FastGate.Testing;
using FsCheck.Xunit;

namespace FastGate.Protocol.Tests.Messages;

/// <summary>Hostile input. JsonDocument is the reference for what is valid JSON.</summary>
public class DeviceMessageHostileTests
{
    private static readonly string[] s_good =
    [
        """{"type":"hello","version":1,"features":{"mcp":true,"emoji":false},"audio_params":{"format":"opus","sample_rate":16000,"channels":1,"frame_duration":60}}""",
        """{"session_id":"","type":"listen","state":"detect","text":"你好\n\u4f60\ud83d\ude42"}""",
        """{"type":"mcp","payload":{"a":[1,-2.5e+10,0,0.1E-3,true,false,null,"x",{},[]]}}""",
        """ { "type" : "server" , "content" : { "secret" : "a\\\"b" } , "action" : "restart" } """,
    ];

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("1")]
    [InlineData("\"type\"")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("{")]
    [InlineData("}")]
    [InlineData("{}}")]
    [InlineData("{}{}")]
    [InlineData("{} x")]
    [InlineData("{,}")]
    [InlineData("{\"a\"}")]
    [InlineData("{\"a\":}")]
    [InlineData("{\"a\":1,}")]
    [InlineData("{\"a\":1 \"b\":2}")]
    [InlineData("{\"a\" 1}")]
    [InlineData("{a:1}")]
    [InlineData("{'a':1}")]
    [InlineData("{1:1}")]
    [InlineData("{\"a\":[1,]}")]
    [InlineData("{\"a\":[,1]}")]
    [InlineData("{\"a\":[1 2]}")]
    [InlineData("{\"a\":[}")]
    [InlineData("{\"a\":[1}]")]
    [InlineData("{\"a\":{\"b\":1]}")]
    [InlineData("{\"a\":01}")]
    [InlineData("{\"a\":+1}")]
    [InlineData("{\"a\":-}")]
    [InlineData("{\"a\":1.}")]
    [InlineData("{\"a\":.1}")]
    [InlineData("{\"a\":1e}")]
    [InlineData("{\"a\":1e+}")]
    [InlineData("{\"a\":0x1}")]
    [InlineData("{\"a\":NaN}")]
    [InlineData("{\"a\":tru}")]
    [InlineData("{\"a\":truee}")]
    [InlineData("{\"a\":\"\n\"}")]
    [InlineData("{\"a\":\"\t\"}")]
    [InlineData("{\"a\":\"\\x\"}")]
    [InlineData("{\"a\":\"\\u12g4\"}")]
    [InlineData("{\"a\":\"\\u123\"}")]
    [InlineData("{\"a\":\"\\")]
    [InlineData("{\"a\":\"\\u12")]
    [InlineData("{\"a\":\"")]
    [InlineData("{\"a\":1}//")]
    [InlineData("/**/{}")]
    [InlineData("\ufeff{}")]
    [InlineData("\0")]
    [InlineData("\0{\"type\":\"ping\"}")]
    [InlineData("{\"type\":\0\"ping\"}")]
    [InlineData("{\"type\":\"ping\"\0")]
    [InlineData("{\"type\":\"ping\"}\0x")]
    [InlineData("{\"type\":\"ping\"}\0{}\0")]
    [InlineData("{\"type\":\"ping\"}\u0001")]
    [InlineData("设备")]
    public void Read_refuses_text_that_is_not_one_object(string json)
    {
        byte[] utf8 = Encoding.UTF8.GetBytes(json);
        Assert.Equal(OperationStatus.InvalidData, DeviceMessageReader.Read(utf8, out DeviceMessage message));
        Assert.Equal(DeviceMessageType.Unknown, message.Type);
    }

    [Theory]
    [InlineData("\0")]
    [InlineData("\0\0\0\0")]
    [InlineData("\n\0")]
    public void Read_ignores_nul_bytes_after_the_message(string end)
    {
        foreach (string json in s_good.Append("""{"type":"ping"}"""))
        {
            byte[] utf8 = Encoding.UTF8.GetBytes(json + end);
            Assert.Equal(OperationStatus.Done, DeviceMessageReader.Read(utf8, out DeviceMessage message));
            Assert.NotEqual(DeviceMessageType.Unknown, message.Type);
            Assert.Equal(0, Allocations.Of(() => DeviceMessageReader.Read(utf8, out _)));
        }
    }

    [Fact]
    public void Read_refuses_every_prefix_of_a_message()
    {
        foreach (string json in s_good)
        {
            byte[] utf8 = Encoding.UTF8.GetBytes(json.TrimEnd());
            for (int length = 0; length < utf8.Length; length++)
            {
                Assert.Equal(OperationStatus.InvalidData, DeviceMessageReader.Read(utf8.AsSpan(0, length), out _));
            }

            Assert.Equal(OperationStatus.Done, DeviceMessageReader.Read(utf8, out _));
        }
    }

    [Fact]
    public void Read_agrees_with_json_document_when_any_byte_is_replaced()
    {
        byte[] replacements = [.. "{}[]\",:\\ \n019-+.eEtfnu/"u8, 0, 0x1F, 0x7F, 0x80, 0xFF];
        foreach (string json in s_good)
        {
            byte[] utf8 = Encoding.UTF8.GetBytes(json);
            for (int at = 0; at < utf8.Length; at++)
            {
                byte kept = utf8[at];
                foreach (byte replacement in replacements)
                {
                    utf8[at] = replacement;
                    AssertAgrees(utf8);
                }

                utf8[at] = kept;
            }
        }
    }

    [Property]
    public void Read_agrees_with_json_document_on_random_tokens(byte[] choice)
    {
        string[] tokens = ["{", "}", "[", "]", ",", ":", "\"type\"", "\"a\"", "1", "-0.5e1", "true", "null", " ", "\"\\u0041\"", "\"\\\""];
        AssertAgrees(Encoding.UTF8.GetBytes("{\"type\":" + string.Concat((choice ?? []).Select(c => tokens[c % tokens.Length])) + "}"));
    }

    [Theory]
    [InlineData("[", "]")]
    [InlineData("{\"a\":", "}")]
    public void Read_accepts_a_depth_of_64_and_no_more(string open, string close)
    {
        foreach (int depth in new[] { 1, 62, 63, 64, 65, 10_000 })
        {
            string nested = string.Concat(Enumerable.Repeat(open, depth)) + "1" + string.Concat(Enumerable.Repeat(close, depth));
            byte[] utf8 = Encoding.UTF8.GetBytes($"{{\"payload\":{nested},\"type\":\"mcp\"}}");
            OperationStatus expected = depth < JsonScanner.MaxDepth ? OperationStatus.Done : OperationStatus.InvalidData;
            Assert.Equal(expected, DeviceMessageReader.Read(utf8, out _));

            // Without the closing half it is refused too, by the depth or at the end.
            Assert.Equal(OperationStatus.InvalidData, DeviceMessageReader.Read(utf8.AsSpan(0, utf8.Length / 2), out _));
        }
    }

    [Fact]
    public void Read_accepts_a_string_of_a_megabyte()
    {
        string text = new('汉', 350_000);
        byte[] utf8 = Encoding.UTF8.GetBytes($"{{\"type\":\"listen\",\"state\":\"detect\",\"text\":\"{text}\"}}");
        Assert.Equal(OperationStatus.Done, DeviceMessageReader.Read(utf8, out DeviceMessage message));
        Assert.Equal(text, message.GetText());
    }

    [Fact]
    public void Read_treats_long_escaped_names_and_values_as_unknown()
    {
        string escapes = string.Concat(Enumerable.Repeat("\\u0061", 100_000));
        byte[] utf8 = Encoding.UTF8.GetBytes($"{{\"{escapes}\":1,\"type\":\"{escapes}\",\"state\":\"{escapes}\"}}");
        Assert.Equal(OperationStatus.Done, DeviceMessageReader.Read(utf8, out DeviceMessage message));
        Assert.Equal((DeviceMessageType.Unknown, ListenState.Other), (message.Type, message.State));
    }

    [Fact]
    public void Read_never_throws_on_bytes_that_are_not_utf_8()
    {
        byte[] utf8 = [.. "{\"type\":\"listen\",\"text\":\"a"u8, 0xFF, 0xC0, .. "b\\n\"}"u8];
        Assert.Equal(OperationStatus.Done, DeviceMessageReader.Read(utf8, out DeviceMessage message));
        Assert.Equal("a\ufffd\ufffdb\n", message.GetText());

        var random = new Random(3);
        for (int i = 0; i < 100_000; i++)
        {
            byte[] noise = new byte[random.Next(40)];
            random.NextBytes(noise);
            if (noise.Length > 0)
            {
                noise[0] = (byte)'{';
            }

            _ = DeviceMessageReader.Read(noise, out message);
            _ = message.GetText();
        }
    }

    [Fact]
    public void Read_allocates_nothing()
    {
        byte[][] inputs =
        [
            .. s_good.Select(Encoding.UTF8.GetBytes),
            "{\"type\":\"ping\"}"u8.ToArray(),
            "{\"type\":\"p\\u0069ng\"}"u8.ToArray(),
            "{\"type\":\"ping\"}\0\0"u8.ToArray(),
            "{\"type\":oops}"u8.ToArray(),
            "not json"u8.ToArray(),
            Encoding.UTF8.GetBytes(new string('{', 10_000)),
            Encoding.UTF8.GetBytes("{\"a\":" + new string('[', 10_000)),
        ];
        Assert.Equal(0, Allocations.Of(() => ReadAll(inputs)));
    }

    private static void ReadAll(byte[][] inputs)
    {
        foreach (byte[] input in inputs)
        {
            _ = DeviceMessageReader.Read(input, out DeviceMessage message);
            _ = message.SecretEquals("a\\\"b"u8);
        }
    }

    private static void AssertAgrees(byte[] utf8)
    {
        bool expected;
        try
        {
            using var document = JsonDocument.Parse(utf8.AsMemory(0, utf8.AsSpan().TrimEnd((byte)0).Length));
            expected = document.RootElement.ValueKind == JsonValueKind.Object;
        }
        catch (JsonException)
        {
            expected = false;
        }

        bool actual = DeviceMessageReader.Read(utf8, out _) == OperationStatus.Done;
        if (expected != actual)
        {
            Assert.Fail($"JsonDocument: {expected}, DeviceMessageReader: {actual}: {Encoding.UTF8.GetString(utf8)} {Convert.ToHexString(utf8)}");
        }
    }
}
