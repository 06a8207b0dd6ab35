using System.Text.Json;
using FastGate.Configuration.Options;
using FastGate.Conversation;
using FastGate.Llm.Providers;
using FastGate.Llm.Settings;
using FastGate.Testing.Conversation;
using FastGate.Tests.Conversation;
using Microsoft.Extensions.AI;

namespace FastGate.Tests.Llm;

/// <summary>Tools, calls and results as they go over the wire, and servers that know no tools.</summary>
public sealed class ToolRequestTests
{
    private const string Schema = """{"type":"object","properties":{"v":{"type":"integer"}},"required":["v"]}""";

    private static readonly ChatMessage[] s_messages =
    [
        new(ChatRole.System, "be brief"),
        new(ChatRole.User, "louder"),
        new(ChatRole.Assistant, [new TextContent("ok "), Call("a:1", "set", """{"v":7}"""), Call("b", "look", "{}")]),
        new(ChatRole.Tool, [new FunctionResultContent("a:1", "done"), new FunctionResultContent("b", "error: dark") { Exception = new InvalidOperationException() }]),
        new(ChatRole.Assistant, [Call("c", "set", "{}")]),
        new(ChatRole.Tool, [new FunctionResultContent("c", "done")]),
    ];

    [Theory]
    [InlineData(
        false, true,
        """
        [{"role":"system","content":"be brief"},{"role":"user","content":"louder"},
        {"role":"assistant","content":"ok ","tool_calls":[{"id":"a:1","type":"function","function":{"name":"set","arguments":"{\"v\":7}"}},{"id":"b","type":"function","function":{"name":"look","arguments":"{}"}}]},
        {"role":"tool","tool_call_id":"a:1","content":"done"},{"role":"tool","tool_call_id":"b","content":"error: dark"},
        {"role":"assistant","content":null,"tool_calls":[{"id":"c","type":"function","function":{"name":"set","arguments":"{}"}}]},
        {"role":"tool","tool_call_id":"c","content":"done"}]
        """)]
    [InlineData(
        true, true,
        """
        [{"role":"user","content":"louder"},
        {"role":"assistant","content":[{"type":"text","text":"ok"},{"type":"tool_use","id":"a_1","name":"set","input":{"v":7}},{"type":"tool_use","id":"b","name":"look","input":{}}]},
        {"role":"user","content":[{"type":"tool_result","tool_use_id":"a_1","content":"done"},{"type":"tool_result","tool_use_id":"b","content":"error: dark","is_error":true}]},
        {"role":"assistant","content":[{"type":"tool_use","id":"c","name":"set","input":{}}]},
        {"role":"user","content":[{"type":"tool_result","tool_use_id":"c","content":"done"}]}]
        """)]
    [InlineData(
        false, false,
        """
        [{"role":"system","content":"be brief"},{"role":"user","content":"louder"},{"role":"assistant","content":"ok "},
        {"role":"user","content":"(set: done)\n(look: error: dark)"},{"role":"assistant","content":"(set)"},{"role":"user","content":"(set: done)"}]
        """)]
    [InlineData(
        true, false,
        """
        [{"role":"user","content":"louder"},{"role":"assistant","content":"ok "},
        {"role":"user","content":"(set: done)\n(look: error: dark)"},{"role":"assistant","content":"(set)"},{"role":"user","content":"(set: done)"}]
        """)]
    public async Task Messages_have_the_form_of_the_protocol(bool anthropic, bool withTools, string expected)
    {
        JsonElement body = await SendAsync(anthropic, withTools ? [FakeTool.Returning("set", 1, Schema)] : []);
        Assert.Equal(expected.ReplaceLineEndings(""), body.GetProperty("messages").GetRawText());
        Assert.Equal(withTools, body.TryGetProperty("tools", out _));
    }

    [Theory]
    [InlineData(Schema, Schema)]
    [InlineData("{}", """{"type":"object","properties":{}}""")]
    [InlineData("true", """{"type":"object","properties":{}}""")]
    [InlineData("""{"$schema":"x","type":["object","null"],"properties":null,"title":"t"}""", """{"type":"object","title":"t","properties":{}}""")]
    [InlineData("""{"type":"object","properties":{"a\ud83d":{"description":"\udc00"}}}""", """{"type":"object","properties":{"a\ud83d":{"description":"\udc00"}}}""")]
    public async Task Schema_is_sent_as_an_object_with_properties(string schema, string expected)
    {
        JsonElement openAi = await SendAsync(false, [FakeTool.Returning("set", 1, schema)]);
        Assert.Equal($$$"""[{"type":"function","function":{"name":"set","description":"does set","parameters":{{{expected}}}}}]""", openAi.GetProperty("tools").GetRawText());
        JsonElement anthropic = await SendAsync(true, [FakeTool.Returning("set", 1, schema)]);
        Assert.Equal($$"""[{"name":"set","description":"does set","input_schema":{{expected}}}]""", anthropic.GetProperty("tools").GetRawText());
    }

    // The texts of servers that were started without tools, or whose model knows none.
    [Theory]
    [InlineData(400, """{"error":{"message":"registry.ollama.ai/library/gemma:2b does not support tools"}}""", true)]
    [InlineData(400, """{"object":"error","message":"\"auto\" tool choice requires --enable-auto-tool-choice and --tool-call-parser to be set"}""", true)]
    [InlineData(404, """{"error":{"message":"No endpoints found that support tool use.","code":404}}""", true)]
    [InlineData(422, """{"detail":[{"type":"extra_forbidden","loc":["body","tools"],"msg":"Extra inputs are not permitted"}]}""", true)]
    [InlineData(500, """{"error":{"code":500,"message":"tools param requires --jinja flag","type":"server_error"}}""", true)]
    [InlineData(400, """{"error":{"message":"deepseek-reasoner does not support Function Calling"}}""", true)]
    [InlineData(400, """{"error":{"message":"Invalid schema for function 'set': unsupported keyword"}}""", false)]
    [InlineData(400, """{"error":{"message":"tools.0.custom.name: extra inputs are not permitted"}}""", false)]
    [InlineData(400, """{"error":{"message":"bad request"}}""", false)]
    public async Task Server_that_refuses_tools_is_called_without_them(int status, string body, bool remembered)
    {
        await using FakeLlmServer server = await FakeOpenAiServer.StartAsync(
            (n, request) => request.Body.TryGetProperty("tools", out _) ? LlmReply.Refuses(status, body) : LlmReply.Says("好。"));
        var clock = new ManualTimeProvider();
        await using var bench = ConversationBench.At(server, clock);
        Dialogue dialogue = bench.Dialogue(tools: new ToolOptions());

        Assert.Equal(["好。"], (await bench.SayAsync("一", dialogue)).Sentences);
        Assert.Equal(2, server.Requests.Value);
        Assert.Equal(["好。"], (await bench.SayAsync("二", dialogue)).Sentences);
        Assert.Equal(remembered ? 3 : 4, server.Requests.Value);
        Assert.Equal(remembered ? 1 : 0, bench.CallLog.Count(3101));

        // The server may have been restarted with another setting.
        clock.Turn(TimeSpan.FromMinutes(11));
        await bench.SayAsync("三", dialogue);
        Assert.Equal(remembered ? 5 : 6, server.Requests.Value);
        Assert.Equal(0, bench.Catalog.Resolve("chat").Instance!.Endpoint.Breaker.FailuresInARow);
    }

    // Rows: lbjlaq/Antigravity-Manager#3202 and FellouAI/eko#281.
    [Fact]
    public async Task What_a_provider_wants_back_with_its_calls_is_returned()
    {
        await using FakeLlmServer server = await FakeOpenAiServer.StartAsync(static (n, _) => n > 1
            ? LlmReply.Says("好。")
            : LlmReply.Calls(new LlmToolCall("get_time", Id: "x") { Reasoning = "想想", Signature = "c2ln" }, new LlmToolCall("get_time", Id: "x")));
        await using var bench = ConversationBench.At(server);
        await bench.SayAsync("几点", bench.Dialogue(tools: new ToolOptions()));
        JsonElement calls = server.Received.Last().Body.GetProperty("messages")[2];
        Assert.Equal("想想", calls.GetProperty("reasoning_content").GetString());
        Assert.Equal("c2ln", calls.GetProperty("tool_calls")[0].GetProperty("extra_content").GetProperty("google").GetProperty("thought_signature").GetString());
        Assert.False(calls.GetProperty("tool_calls")[1].TryGetProperty("extra_content", out _));
    }

    [Fact]
    public async Task Refusal_for_another_reason_is_reported_after_one_more_request()
    {
        await using FakeLlmServer server = await FakeOpenAiServer.StartAsync(static (_, _) => LlmReply.Fails(400));
        await using var bench = ConversationBench.At(server);
        Assert.Equal(["系统忙。"], (await bench.SayAsync("一", bench.Dialogue(tools: new ToolOptions()))).Sentences);
        Assert.Equal(2, server.Requests.Value);
    }

    [Theory]
    [InlineData("dify")]
    [InlineData("coze")]
    [InlineData("homeassistant")]
    public async Task Provider_without_function_calls_gets_no_tools(string type)
    {
        await using FakeLlmServer server = await FakeOpenAiServer.StartAsync(static (_, _) => LlmReply.Fails(500));
        await using var bench = new ConversationBench(
            [("Providers:p:Type", type), ("Providers:p:BaseUrl", server.Address), ("Providers:p:ApiKey", "k"), ("Providers:p:Model", "m"), ("Default", "p")]);
        await bench.SayAsync("开灯", bench.Dialogue(tools: new ToolOptions()));
        Assert.False(Assert.Single(server.Received).Body.TryGetProperty("tools", out _));
    }

    private static FunctionCallContent Call(string id, string name, string arguments) =>
        new(id, name, JsonElement.Parse(arguments).EnumerateObject().ToDictionary(static p => p.Name, static p => (object?)p.Value));

    private static async Task<JsonElement> SendAsync(bool anthropic, AITool[] tools)
    {
        await using FakeLlmServer server = anthropic
            ? await FakeAnthropicServer.StartAsync(static (_, _) => LlmReply.Says("好。"))
            : await FakeOpenAiServer.StartAsync(static (_, _) => LlmReply.Says("好。"));
        var settings = new LlmProviderSettings { Type = anthropic ? "anthropic" : "openai", BaseUrl = server.Address, Model = "m", ApiKey = "k" };
        using IChatClient client = new ChatClientFactory().Create(settings);
        await client.GetResponseAsync(s_messages, new ChatOptions { Tools = tools });
        return Assert.Single(server.Received).Body;
    }
}
