using System.Text;
using FastGate.Protocol.Messages;
using FastGate.Protocol.Tests.Framing;
using FastGate.Testing;

namespace FastGate.Protocol.Tests.Messages;

public class McpMessageReaderTests
{
    private static readonly Guid s_session = new("0d5ad1a4-7b0e-4c38-8f5f-2a9a3a0a5f3a");

    [Theory]
    [InlineData("""{"id":7}""", 7, "7")]
    [InlineData("""{"id":0}""", 0, "0")]
    [InlineData("""{"id":"7"}""", 7, "\"7\"")]
    [InlineData("""{"id":"a\"b"}""", -1, "\"a\\\"b\"")]
    [InlineData("""{"id":""}""", -1, "\"\"")]
    [InlineData("""{"id":-7}""", -1, "-7")]
    [InlineData("""{"id":7.0}""", -1, "7.0")]
    [InlineData("""{"id":7e0}""", -1, "7e0")]
    [InlineData("""{"id":4294967303}""", -1, "4294967303")]
    [InlineData("""{"id":null}""", -1, "")]
    [InlineData("""{"id":true}""", -1, "")]
    [InlineData("""{"id":[7]}""", -1, "")]
    [InlineData("""{"id":{"id":7}}""", -1, "")]
    [InlineData("""{}""", -1, "")]
    [InlineData("""{"id":1,"id":2}""", 2, "2")]
    public void Ids_are_numbers_or_strings_of_digits(string payload, int id, string raw)
    {
        McpMessage message = McpMessageReader.Read(Encoding.UTF8.GetBytes(payload));

        Assert.Equal(id, message.Id);
        Assert.Equal(raw, Encoding.UTF8.GetString(message.RawId));
    }

    [Theory]
    [InlineData("""{"method":"ping"}""", McpMethod.Ping)]
    [InlineData("""{"method":"p\u0069ng"}""", McpMethod.Ping)]
    [InlineData("""{"method":"notifications\/tools\/list_changed"}""", McpMethod.ToolsChanged)]
    [InlineData("""{"method":"tools/list"}""", McpMethod.Other)]
    [InlineData("""{"method":""}""", McpMethod.Other)]
    [InlineData("""{"method":5}""", McpMethod.Other)]
    [InlineData("""{"method":null}""", McpMethod.None)]
    [InlineData("""{"result":{}}""", McpMethod.None)]
    public void Methods_are_known_or_other(string payload, McpMethod method) =>
        Assert.Equal(method, McpMessageReader.Read(Encoding.UTF8.GetBytes(payload)).Method);

    [Theory]
    [InlineData("""{"error":{"code":1,"message":"no \"tool\""}}""", true, "no \"tool\"")]
    [InlineData("""{"error":"no"}""", true, "no")]
    [InlineData("""{"error":{"message":5}}""", true, "")]
    [InlineData("""{"error":false}""", true, "")]
    [InlineData("""{"error":null}""", false, "")]
    [InlineData("""{"result":{"error":"x"}}""", false, "")]
    public void Errors_have_a_message(string payload, bool hasError, string text)
    {
        McpMessage message = McpMessageReader.Read(Encoding.UTF8.GetBytes(payload));

        Assert.Equal(hasError, message.HasError);
        Assert.Equal(text, message.GetError());
    }

    [Theory]
    [InlineData("""{"result":{"a":[1]}}""", """{"a":[1]}""")]
    [InlineData("""{"result":[1]}""", "")]
    [InlineData("""{"result":"x"}""", "")]
    [InlineData("""{"result":{},"result":null}""", "")]
    public void Results_are_objects(string payload, string result) =>
        Assert.Equal(result, Encoding.UTF8.GetString(McpMessageReader.Read(Encoding.UTF8.GetBytes(payload)).Result));

    [Fact]
    public void Read_allocates_nothing()
    {
        byte[] payload = [.. """{"jsonrpc":"2.0","id":"7","method":"notifications\/x","result":{"tools":[]},"error":{"message":"m"}}"""u8];

        Assert.Equal(0, Allocations.Of(() => McpMessageReader.Read(payload)));
    }

    [Fact]
    public void Read_never_throws()
    {
        var random = new Random(5);
        string[] tokens = ["{", "}", "[", "]", ",", ":", "\"id\"", "\"method\"", "\"result\"", "\"error\"", "\"message\"", "1", "\"\"", "\"\\ud800\"", "null"];
        for (int i = 0; i < 50_000; i++)
        {
            string payload = "{" + string.Concat(Enumerable.Range(0, random.Next(20)).Select(_ => tokens[random.Next(tokens.Length)]));
            _ = McpMessageReader.Read(Encoding.UTF8.GetBytes(payload)).GetError();
        }
    }

    [Fact]
    public void Mcp_messages_contain_the_payload()
    {
        var output = new PiecewiseWriter(16);
        GatewayMessageWriter.WriteMcp(output, """{"id":1}"""u8, s_session);

        Assert.Equal(
            """{"session_id":"0d5ad1a4-7b0e-4c38-8f5f-2a9a3a0a5f3a","type":"mcp","payload":{"id":1}}""",
            Encoding.UTF8.GetString(output.Written.Span));
    }
}
