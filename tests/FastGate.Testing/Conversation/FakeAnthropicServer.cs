using System.Text.Json;

namespace FastGate.Testing.Conversation;

/// <summary>Anthropic's messages, streamed.</summary>
internal sealed class FakeAnthropicServer : FakeLlmServer
{
    protected override string StreamStart =>
        Event("message_start", """{"type":"message_start","message":{"id":"m1","type":"message","role":"assistant","model":"fake","content":[],"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":12,"output_tokens":1}}}""")
        + Event("content_block_start", """{"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}""");

    public static async Task<FakeAnthropicServer> StartAsync(Func<int, FakeLlmRequest, LlmReply> script)
    {
        var server = new FakeAnthropicServer { Script = script };
        await server.StartAsync();
        return server;
    }

    protected override string Token(string text) => Event(
        "content_block_delta", $$$"""{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":{{{JsonSerializer.Serialize(text)}}}}}""");

    protected override string ToolCall(int index, LlmToolCall call)
    {
        int half = call.Arguments.Length / 2;
        return Block("content_block_start", new { type = "content_block_start", index = index + 1, content_block = new { type = "tool_use", id = call.Id, name = call.Name, input = new { } } })
            + Block("content_block_delta", new { type = "content_block_delta", index = index + 1, delta = new { type = "input_json_delta", partial_json = call.Arguments[..half] } })
            + Block("content_block_delta", new { type = "content_block_delta", index = index + 1, delta = new { type = "input_json_delta", partial_json = call.Arguments[half..] } })
            + Block("content_block_stop", new { type = "content_block_stop", index = index + 1 });

        static string Block(string name, object data) => Event(name, JsonSerializer.Serialize(data));
    }

    protected override string StreamEnd(int tokens, bool calls) =>
        Event("content_block_stop", """{"type":"content_block_stop","index":0}""")
        + Event("message_delta", $$$"""{"type":"message_delta","delta":{"stop_reason":"{{{(calls ? "tool_use" : "end_turn")}}}","stop_sequence":null},"usage":{"output_tokens":{{{tokens}}}}}""")
        + Event("message_stop", """{"type":"message_stop"}""");

    protected override string Error(int status) => $$$"""{"type":"error","error":{"type":"scripted","message":"scripted {{{status}}}"}}""";

    private static string Event(string name, string data) => $"event: {name}\ndata: {data}\n\n";
}
