using FastGate.FunctionalTests.Clients;
using FastGate.FunctionalTests.Server;
using FastGate.Testing.Conversation;

namespace FastGate.FunctionalTests.Conversations;

/// <summary>What the <c>memory</c> purpose makes of a conversation, seen where it matters: in what the provider is told the next time.</summary>
public sealed class SummaryTests
{
    private const string Summary = "喜欢苹果，不吃香菜";

    private static readonly string[] s_realMemory = ["--FastGate:Llm:ByMode:memory=fake"];

    [Fact]
    public async Task Disconnect_makes_a_summary_of_which_the_next_conversation_knows()
    {
        await using TalkingGateway talk = await TalkingGateway.StartAsync(Answer, s_realMemory);
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
        FakeLlmRequest told = talk.Llm.Received.Last(static request => request.LastUser == "还记得我吗？");
        Assert.Contains(Summary, told.Texts("system").Single(), StringComparison.Ordinal);

        await using DeviceClient stranger = await DeviceClient.ConnectAsync(talk.Gateway, "stranger");
        await stranger.SayAsync("你好吗？");
        told = talk.Llm.Received.Last(static request => request.LastUser == "你好吗？");
        Assert.DoesNotContain(Summary, told.Texts("system").Single(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Device_that_is_back_before_its_summary_is_made_has_its_turns_all_the_same()
    {
        TaskCompletionSource never = new();
        await using TalkingGateway talk = await TalkingGateway.StartAsync(
            (number, request) => IsSummary(request) ? LlmReply.Slow(never.Task, Summary) : Answer(number, request),
            [.. TalkingGateway.Patient, .. s_realMemory]);
        await using (DeviceClient device = await DeviceClient.ConnectAsync(talk.Gateway, "quick"))
        {
            await device.SayAsync("我叫小明");
            device.Drop();
        }

        await Eventually.TrueAsync(() => talk.Llm.Received.Any(IsSummary));
        await using DeviceClient again = await DeviceClient.ConnectAsync(talk.Gateway, "quick");
        await again.SayAsync("我叫什么？");
        FakeLlmRequest told = talk.Llm.Received.Last(static request => request.LastUser == "我叫什么？");
        Assert.Equal(["我叫小明", "我叫什么？"], told.Texts("user"));
        Assert.DoesNotContain(Summary, told.Texts("system").Single(), StringComparison.Ordinal);
    }

    private static LlmReply Answer(int number, FakeLlmRequest request) => IsSummary(request) ? LlmReply.Says(Summary) : LlmReply.Says("知道了。");

    private static bool IsSummary(FakeLlmRequest request) => request.Texts("system").Single().Contains("对话记忆", StringComparison.Ordinal);
}
