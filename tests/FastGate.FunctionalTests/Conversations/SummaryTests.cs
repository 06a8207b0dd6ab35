using FastGate.FunctionalTests.Clients;
using FastGate.FunctionalTests.Server;
using FastGate.Testing.Conversation;

namespace FastGate.FunctionalTests.Conversations;

/// <summary>Summaries by the <c>memory</c> purpose, checked in the provider requests of the next conversation.</summary>
public sealed class SummaryTests
{
    private const string Summary = "喜欢苹果，不吃香菜";

    private static readonly string[] s_realMemory = ["--FastGate:Llm:ByMode:memory=fake"];

    [Fact]
    public async Task Summary_made_at_disconnect_is_used_in_the_next_conversation()
    {
        await using ConversationGateway talk = await ConversationGateway.StartAsync(Answer, s_realMemory);
        await using (DeviceClient device = await DeviceClient.ConnectAsync(talk.Gateway, "remembered"))
        {
            await device.SayAsync("我喜欢苹果");
            await device.SayAsync("不要香菜");
            device.Drop();
        }

        await Eventually.ValueAsync(() => talk.Admin.MemoryAsync("remembered"), static memory => memory.Contains(Summary, StringComparison.Ordinal));
        FakeLlmRequest asked = Assert.Single(talk.Llm.Received, IsSummary);
        Assert.Contains("我喜欢苹果", asked.LastUser, StringComparison.Ordinal);
        Assert.Contains("不要香菜", asked.LastUser, StringComparison.Ordinal);

        await using DeviceClient again = await DeviceClient.ConnectAsync(talk.Gateway, "remembered");
        await again.SayAsync("还记得我吗？");
        FakeLlmRequest next = talk.Llm.Received.Last(static request => request.LastUser == "还记得我吗？");
        Assert.Contains(Summary, next.Texts("system").Single(), StringComparison.Ordinal);

        await using DeviceClient other = await DeviceClient.ConnectAsync(talk.Gateway, "other");
        await other.SayAsync("你好吗？");
        next = talk.Llm.Received.Last(static request => request.LastUser == "你好吗？");
        Assert.DoesNotContain(Summary, next.Texts("system").Single(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Turns_are_used_before_their_summary_is_made()
    {
        TaskCompletionSource never = new();
        await using ConversationGateway talk = await ConversationGateway.StartAsync(
            (number, request) => IsSummary(request) ? LlmReply.Slow(never.Task, Summary) : Answer(number, request),
            [.. ConversationGateway.LongTimeouts, .. s_realMemory]);
        await using (DeviceClient device = await DeviceClient.ConnectAsync(talk.Gateway, "quick"))
        {
            await device.SayAsync("我叫小明");
            device.Drop();
        }

        await Eventually.TrueAsync(() => talk.Llm.Received.Any(IsSummary));
        await using DeviceClient again = await DeviceClient.ConnectAsync(talk.Gateway, "quick");
        await again.SayAsync("我叫什么？");
        FakeLlmRequest next = talk.Llm.Received.Last(static request => request.LastUser == "我叫什么？");
        Assert.Equal(["我叫小明", "我叫什么？"], next.Texts("user"));
        Assert.DoesNotContain(Summary, next.Texts("system").Single(), StringComparison.Ordinal);
    }

    private static LlmReply Answer(int number, FakeLlmRequest request) => IsSummary(request) ? LlmReply.Says(Summary) : LlmReply.Says("知道了。");

    private static bool IsSummary(FakeLlmRequest request) => request.Texts("system").Single().Contains("对话记忆", StringComparison.Ordinal);
}
