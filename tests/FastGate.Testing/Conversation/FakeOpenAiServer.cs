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

    protected override string StreamEnd(int tokens) =>
        Chunk("{}", "\"stop\"")
        + $$$"""data: {"id":"c1","object":"chat.completion.chunk","created":1,"model":"fake","choices":[],"usage":{"prompt_tokens":11,"completion_tokens":{{{tokens}}},"total_tokens":{{{11 + tokens}}}}}""" + "\n\n"
        + "data: [DONE]\n\n";

    protected override string Error(int status) => $$$"""{"error":{"message":"scripted {{{status}}}","type":"scripted","code":null}}""";

    private static string Chunk(string delta, string finish) =>
        $$"""data: {"id":"c1","object":"chat.completion.chunk","created":1,"model":"fake","choices":[{"index":0,"delta":{{delta}},"finish_reason":{{finish}}}]}""" + "\n\n";
}
