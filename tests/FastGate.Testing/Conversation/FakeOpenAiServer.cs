using System.Text.Json;

namespace FastGate.Testing.Conversation;

/// <summary>OpenAI's chat completions, streamed.</summary>
internal sealed class FakeOpenAiServer : FakeLlmServer
{
    protected override string StreamStart => Chunk("""{"role":"assistant","content":""}""", "null");

    public static async Task<FakeOpenAiServer> StartAsync(Func<int, FakeLlmRequest, LlmReply> script, int port = 0)
    {
        var server = new FakeOpenAiServer { Script = script };
        await server.StartAsync(port);
        return server;
    }

    protected override string Token(string text) => Chunk($$"""{"content":{{JsonSerializer.Serialize(text)}}}""", "null");

    protected override string ToolCall(int index, LlmToolCall call)
    {
        int half = call.Arguments.Length / 2;
        object start = call.Signature is null
            ? new { index, id = call.Id, type = "function", function = new { name = call.Name, arguments = "" } }
            : new { index, id = call.Id, type = "function", extra_content = new { google = new { thought_signature = call.Signature } }, function = new { name = call.Name, arguments = "" } };
        string thought = call.Reasoning is null ? "" : Chunk(JsonSerializer.Serialize(new { reasoning_content = call.Reasoning }), "null");
        return thought + Delta(start)
            + Delta(new { index, function = new { arguments = call.Arguments[..half] } })
            + Delta(new { index, function = new { arguments = call.Arguments[half..] } });

        static string Delta(object piece) => Chunk(JsonSerializer.Serialize(new { tool_calls = new[] { piece } }), "null");
    }

    protected override string StreamEnd(int tokens, bool calls) =>
        Chunk("{}", calls ? "\"tool_calls\"" : "\"stop\"")
        + $$$"""data: {"id":"c1","object":"chat.completion.chunk","created":1,"model":"fake","choices":[],"usage":{"prompt_tokens":11,"completion_tokens":{{{tokens}}},"total_tokens":{{{11 + tokens}}}}}""" + "\n\n"
        + "data: [DONE]\n\n";

    protected override string Error(int status) => $$$"""{"error":{"message":"scripted {{{status}}}","type":"scripted","code":null}}""";

    private static string Chunk(string delta, string finish) =>
        $$"""data: {"id":"c1","object":"chat.completion.chunk","created":1,"model":"fake","choices":[{"index":0,"delta":{{delta}},"finish_reason":{{finish}}}]}""" + "\n\n";
}
