using FastGate.Conversation;
using FastGate.Testing.Conversation;
using Microsoft.Extensions.AI;

namespace FastGate.Tests.Conversation;

public sealed class DialogueTests
{
    private readonly ManualTimeProvider _time = new();

    [Fact]
    public async Task Prompt_contains_time_device_and_summary()
    {
        var client = FakeChatClient.Saying("好。");
        var memory = new InMemoryDialogueMemory { Summary = "用户叫小明" };
        memory.Keep("aa:bb", new Exchange(DateTimeOffset.UnixEpoch, "上次的话", "上次的答"));
        await using var bench = new ConversationBench(
            [("Providers:a:Type", "openai"), ("Providers:a:Model", "m"), ("Default", "a")], new FakeChatClientFactory(_ => client), _time)
        {
            Memory = memory,
        };
        await bench.SayAsync("这次的话");

        ChatMessage system = client.LastMessages[0];
        Assert.Equal(ChatRole.System, system.Role);
        foreach (string part in (string[])["你是测试。", "2026-11-23 08:30 星期一", "aa:bb", "用户叫小明"])
        {
            Assert.Contains(part, system.Text, StringComparison.Ordinal);
        }

        Assert.Equal(["上次的话", "上次的答", "这次的话"], client.LastMessages.Skip(1).Select(static message => message.Text));
        Assert.Equal([ChatRole.User, ChatRole.Assistant, ChatRole.User], client.LastMessages.Skip(1).Select(static message => message.Role));
    }

    [Fact]
    public async Task History_is_bounded_by_turns_and_by_tokens()
    {
        var client = FakeChatClient.Saying("答。");
        await using var bench = ConversationBench.With(client);
        Dialogue byTurns = bench.Dialogue("a", new DialogueLimits { Turns = 3 });
        Dialogue byTokens = bench.Dialogue("b", new DialogueLimits { Tokens = 12 });
        for (int i = 0; i < 10; i++)
        {
            await bench.SayAsync("第" + i, byTurns);
        }

        Assert.Equal(["第6", "答。", "第7", "答。", "第8", "答。", "第9"], client.LastMessages.Skip(1).Select(static message => message.Text));
        await bench.SayAsync("很长的一句话很长很长的", byTokens);
        await bench.SayAsync("短", byTokens);
        await bench.SayAsync("完", byTokens);
        Assert.Equal(["短", "答。", "完"], client.LastMessages.Skip(1).Select(static message => message.Text));
    }

    [Fact]
    public async Task Memory_is_notified_of_the_departure_after_the_last_turn()
    {
        var steps = new StepStream();
        await using var bench = ConversationBench.With(steps.Client, options: new FastGate.Configuration.Options.ConversationWorkerOptions { Queue = 1 });
        Dialogue dialogue = bench.Dialogue();
        int left = -1;
        var sink = new RecordingReplySink { OnComplete = () => left = bench.Memory.Left.Count };
        var turn = new Turn { Utterance = "讲个故事", Sink = sink };
        Assert.True(bench.Workers.TrySubmit(dialogue, turn));
        await steps.SayAsync("从前有座山。山里");
        await sink.Spoken.ReachAsync(1);

        // As a connection does at its end. The queue is full, but a departure is never rejected.
        bench.Submit(bench.Dialogue("other"), "等着");
        bench.Workers.Cancel(turn);
        bench.Workers.Leave(dialogue);
        await sink.Completed;
        Assert.Equal(0, left);
        Assert.Single(bench.Memory.Of("aa:bb"));
        await bench.Workers.DrainAsync(new CancellationToken(canceled: true));
        Assert.Equal(["aa:bb"], bench.Memory.Left);
    }

    [Fact]
    public async Task Goodbye_uses_the_end_prompt()
    {
        var client = FakeChatClient.Saying("再见，下次聊。");
        await using var bench = ConversationBench.With(client);
        (Turn _, RecordingReplySink? sink) = bench.Submit(bench.Dialogue(), "", kind: TurnKind.Goodbye);
        await sink.Completed;
        Assert.Contains("请道别。", client.LastMessages[0].Text, StringComparison.Ordinal);
        Assert.Equal("再见", client.LastMessages[^1].Text);
        Assert.Equal(["再见，", "下次聊。"], sink.Sentences);
    }

    [Fact]
    public async Task Changed_texts_apply_to_the_next_turn()
    {
        var client = FakeChatClient.Saying("答。");
        await using var bench = ConversationBench.With(client);
        Dialogue dialogue = bench.Dialogue();
        await bench.SayAsync("一", dialogue);
        bench.Texts = new ConversationTexts("你是别人。", "", "");
        await bench.SayAsync("二", dialogue);
        Assert.Contains("你是别人。", client.LastMessages[0].Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Heard_part_of_an_interrupted_reply_is_remembered()
    {
        var steps = new StepStream();
        await using var bench = ConversationBench.With(steps.Client);
        Dialogue dialogue = bench.Dialogue();
        (Turn? turn, RecordingReplySink? sink) = bench.Submit(dialogue, "讲个故事");
        await steps.SayAsync("从前有座山。山里");
        await sink.Spoken.ReachAsync(1);
        bench.Workers.Cancel(turn);
        Assert.Equal(TurnOutcome.Cancelled, await sink.Completed);
        Exchange kept = Assert.Single(bench.Memory.Of("aa:bb"));
        Assert.Equal(("讲个故事", "从前有座山。……（被打断）"), (kept.User, kept.Assistant));
        Assert.Equal(["mood happy", "say 从前有座山。", "end Cancelled"], sink.Events);
    }

    [Fact]
    public async Task Turn_is_remembered_before_its_sink_is_completed()
    {
        await using var bench = ConversationBench.With(FakeChatClient.Saying("答。"));
        int known = -1;
        var sink = new RecordingReplySink { OnComplete = () => known = bench.Memory.Of("aa:bb").Count };
        Assert.True(bench.Workers.TrySubmit(bench.Dialogue(), new Turn { Utterance = "一", Sink = sink }));
        await sink.Completed;
        Assert.Equal(1, known);
    }

    [Theory]
    [InlineData("你好，世界。今天好吗？", "你好，|世界。|今天好吗？")]
    [InlineData("hi", "hi")]
    [InlineData("他说：“走吧！”然后走了。", "他说：|“走吧！”|然后走了。")]
    [InlineData("See https://a.b/c?d!e for more. Bye 😀𠮷", "See https://a.b/c?d!e for more.|Bye 𠮷")]
    public async Task Echo_repeats_the_users_words(string words, string sentences)
    {
        await using var bench = new ConversationBench([]);
        Assert.Equal(sentences.Split('|'), (await bench.SayAsync(words)).Sentences);
    }
}
