using System.Net.WebSockets;
using System.Text.Json;
using System.Text.Json.Nodes;
using FastGate.FunctionalTests.Clients;
using FastGate.FunctionalTests.Server;
using FastGate.Testing.Conversation;

namespace FastGate.FunctionalTests.Conversations;

/// <summary>Tools of the server in a conversation over a socket, with a scripted model.</summary>
public sealed class ToolTests
{
    [Fact]
    public async Task Time_is_asked_for_and_answered()
    {
        await using ConversationGateway talk = await ConversationGateway.StartAsync(
            static (_, request) => ResultOf(request) is { } result ? LlmReply.Says($"现在是{result}。") : LlmReply.Calls(new LlmToolCall("get_time")));
        await using DeviceClient device = await DeviceClient.ConnectAsync(talk.Gateway, "asker");
        IReadOnlyList<JsonObject> turn = await device.SayAsync("几点了？");
        Assert.Matches(@"^现在是\d{4}-\d\d-\d\d .*UTC[+-]\d\d:\d\d。$", string.Concat(turn.Sentences()));
        Assert.Equal(1, turn.Count(static message => message.Kind() == "llm"));
        await Eventually.ValueAsync(() => talk.Admin.MetricAsync("fastgate_tools_calls_total", "source=\"server\""), static calls => calls == 1);
    }

    [Fact]
    public async Task Forgetting_empties_the_memory_of_the_device()
    {
        await using ConversationGateway talk = await ConversationGateway.StartAsync(
            static (_, request) => request.LastUser == "忘了我说的" && ResultOf(request) is null
                ? LlmReply.Calls(new LlmToolCall("forget_conversation")) : LlmReply.Says("好的。"));
        await using DeviceClient device = await DeviceClient.ConnectAsync(talk.Gateway, "forgetter");
        await using DeviceClient other = await DeviceClient.ConnectAsync(talk.Gateway, "other");
        await other.SayAsync("我叫小红");
        await device.SayAsync("我叫小明");
        Assert.Contains("小明", await talk.Admin.MemoryAsync("forgetter"), StringComparison.Ordinal);

        Assert.Equal(["好的。"], (await device.SayAsync("忘了我说的")).Sentences());

        string memory = await talk.Admin.MemoryAsync("forgetter");
        Assert.DoesNotContain("小明", memory, StringComparison.Ordinal);
        Assert.DoesNotContain("忘了我说的", memory, StringComparison.Ordinal);
        Assert.Contains("小红", await talk.Admin.MemoryAsync("other"), StringComparison.Ordinal);
        await device.SayAsync("我是谁？");
        Assert.DoesNotContain("小明", talk.Llm.Received.Last().Body.GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Conversation_ends_after_the_reply_of_a_turn_that_ends_it()
    {
        await using ConversationGateway talk = await ConversationGateway.StartAsync(
            static (_, request) => ResultOf(request) is null ? LlmReply.Calls(new LlmToolCall("end_conversation")) : LlmReply.Says("慢走。"));
        await using DeviceClient device = await DeviceClient.ConnectAsync(talk.Gateway, "leaver");
        Assert.Equal(["慢走。"], (await device.SayAsync("今天就聊到这里吧")).Sentences());
        Assert.Equal(WebSocketCloseStatus.NormalClosure, await device.ReceiveCloseAsync());
        device.Drop();
        await Eventually.ValueAsync(() => talk.Admin.MetricAsync("fastgate_connections_ended_total", "session_ended"), static ended => ended == 1);
    }

    [Fact]
    public async Task Interrupted_turn_does_not_end_the_conversation()
    {
        await using ConversationGateway talk = await ConversationGateway.StartAsync(
            static (_, request) => request.LastUser != "走了" ? LlmReply.Says("好的。")
                : ResultOf(request) is null ? LlmReply.Calls(new LlmToolCall("end_conversation")) : LlmReply.Stalls("慢走。"),
            ConversationGateway.LongTimeouts);
        await using DeviceClient device = await DeviceClient.ConnectAsync(talk.Gateway, "hesitant");
        await device.SendAsync(DeviceTexts.Detect("走了"));
        await device.ReceiveUntilAsync("tts", "sentence_start");
        await device.SendAsync(DeviceTexts.Detect("等等"));
        await device.ReceiveUntilAsync("stt");
        Assert.Equal(["好的。"], (await device.ReceiveUntilAsync("tts", "stop")).Sentences());
        await device.PingAsync();
        Assert.Null(device.CloseStatus);
    }

    /// <summary>The result that the model has got in this turn; null before the call.</summary>
    private static string? ResultOf(FakeLlmRequest request)
    {
        JsonElement last = request.Body.GetProperty("messages").EnumerateArray().Last();
        return last.GetProperty("role").GetString() == "tool" ? last.GetProperty("content").GetString() : null;
    }
}
