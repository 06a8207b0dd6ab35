using System.Text.Json;
using FastGate.FunctionalTests.Clients;
using FastGate.FunctionalTests.Conversations;
using FastGate.FunctionalTests.Server;
using FastGate.Testing.Conversation;

namespace FastGate.FunctionalTests.Tools;

/// <summary>Tools of MCP servers in a conversation over a socket, with a scripted model.</summary>
public sealed class McpConversationTests
{
    [RequiresProgramFact(RequiredProgram.Python)]
    public async Task Call_of_the_model_reaches_the_server_and_its_result_is_spoken()
    {
        await using ConversationGateway talk = await StartAsync(new LlmToolCall("echo", """{"text":"你好"}"""), "normal");
        await ReadyAsync(talk);
        await using DeviceClient device = await DeviceClient.ConnectAsync(talk.Gateway, "caller");
        Assert.Equal("结果：normal: 你好。", string.Concat((await device.SayAsync("说你好")).Sentences()));
        JsonElement offered = talk.Llm.Received.First().Body.GetProperty("tools").EnumerateArray().Select(static tool => tool.GetProperty("function"))
            .Single(static tool => tool.GetProperty("name").GetString() == "echo");
        Assert.Equal("The tool echo", offered.GetProperty("description").GetString());
        Assert.True(offered.GetProperty("parameters").GetProperty("properties").TryGetProperty("text", out _));
        Assert.Equal(1, await talk.Admin.MetricAsync("fastgate_mcp_calls_total", "outcome=\"ok\""));
    }

    [RequiresProgramFact(RequiredProgram.McpEverything)]
    public async Task Call_reaches_the_server_of_the_protocol_project()
    {
        string program = Path.Combine(RepositoryPaths.Clients, "mcp", "node_modules", "@modelcontextprotocol", "server-everything", "dist", "index.js");
        await using ConversationGateway talk = await ConversationGateway.StartAsync(
            Script(new LlmToolCall("get-sum", """{"a":19,"b":23}""")),
            "--FastGate:Mcp:Servers:home:Command=node", $"--FastGate:Mcp:Servers:home:Arguments:0={program}", "--FastGate:Mcp:Servers:home:Arguments:1=stdio");
        await ReadyAsync(talk);
        await using DeviceClient device = await DeviceClient.ConnectAsync(talk.Gateway, "caller");
        Assert.Contains("42", string.Concat((await device.SayAsync("十九加二十三")).Sentences()), StringComparison.Ordinal);
    }

    /// <summary>The model gets a reason, the device an answer, and the next turn works.</summary>
    [RequiresProgramTheory(RequiredProgram.Python)]
    [InlineData("normal", "fail", "the lamp is broken")]
    [InlineData("normal", "quit", "")]
    [InlineData("stalls", "echo", "no answer within 0.5 s")]
    public async Task Server_that_fails_in_a_call_leaves_device_and_conversation_alone(string mode, string tool, string reason)
    {
        await using ConversationGateway talk = await StartAsync(new LlmToolCall(tool), mode);
        await ReadyAsync(talk);
        await using DeviceClient device = await DeviceClient.ConnectAsync(talk.Gateway, "caller");
        Assert.StartsWith("结果：", string.Concat((await device.SayAsync("试试")).Sentences()), StringComparison.Ordinal);
        Assert.Contains(reason, ResultOf(talk.Llm.Received.Last()), StringComparison.Ordinal);
        await device.PingAsync();
        await ReadyAsync(talk);
        Assert.StartsWith("结果：", string.Concat((await device.SayAsync("再试试")).Sentences()), StringComparison.Ordinal);
        Assert.Equal(0, await talk.Gateway.TerminateAsync());
    }

    private static Task<ConversationGateway> StartAsync(LlmToolCall call, string mode) => ConversationGateway.StartAsync(
        Script(call), [.. McpFixture.Stdio("home", mode, ("Timeout", mode == "stalls" ? "0.5" : "20")).Select(static setting => $"--FastGate:Mcp:Servers:{setting.Key}={setting.Value}")]);

    private static Func<int, FakeLlmRequest, LlmReply> Script(LlmToolCall call) =>
        (_, request) => ResultOf(request) is { } result ? LlmReply.Says($"结果：{result}。") : LlmReply.Calls(call);

    private static Task ReadyAsync(ConversationGateway talk) => Eventually.TrueAsync(
        async () => await talk.Admin.MetricAsync("fastgate_mcp_servers_ready") == 1, Deadline.Program);

    /// <summary>The result of the tool in this round; null in the first one.</summary>
    private static string? ResultOf(FakeLlmRequest request) => request.Body.GetProperty("messages").EnumerateArray().Last() is var last &&
        last.GetProperty("role").GetString() == "tool" ? last.GetProperty("content").GetString() : null;
}
