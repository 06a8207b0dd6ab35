using System.Text.Json;
using FastGate.Testing.Conversation;

namespace FastGate.Tests.Conversation.Tools;

/// <summary>Reads what a scripted server of either protocol has received.</summary>
internal static class ToolRequests
{
    public static async Task<FakeLlmServer> StartAsync(bool anthropic, Func<int, FakeLlmRequest, LlmReply> script) =>
        anthropic ? await FakeAnthropicServer.StartAsync(script) : await FakeOpenAiServer.StartAsync(script);

    public static IReadOnlyList<string> OfferedTools(FakeLlmRequest request, bool anthropic) => request.Body.TryGetProperty("tools", out JsonElement tools)
        ? [.. tools.EnumerateArray().Select(tool => (anthropic ? tool : tool.GetProperty("function")).GetProperty("name").GetString()!)]
        : [];

    public static IReadOnlyList<string> Roles(FakeLlmRequest request) =>
        [.. request.Body.GetProperty("messages").EnumerateArray().Select(static message => message.GetProperty("role").GetString()!).Where(static role => role != "system")];

    /// <summary>The results of the last round, as id=text.</summary>
    public static IReadOnlyList<string> Results(FakeLlmRequest request, bool anthropic)
    {
        JsonElement[] messages = [.. request.Body.GetProperty("messages").EnumerateArray()];
        return anthropic
            ? messages[^1].GetProperty("content") is { ValueKind: JsonValueKind.Array } blocks
                ? [.. blocks.EnumerateArray().Select(static block => $"{block.GetProperty("tool_use_id")}={block.GetProperty("content")}")]
                : []
            : [.. messages.Reverse().TakeWhile(static message => message.GetProperty("role").GetString() == "tool").Reverse()
                .Select(static message => $"{message.GetProperty("tool_call_id")}={message.GetProperty("content")}")];
    }
}
