using FastGate.Conversation;
using FastGate.Testing.Conversation;
using Microsoft.Extensions.AI;

namespace FastGate.Tests.Conversation;

public sealed class DialogueTests
{
    private readonly ManualTimeProvider _time = new();

    [Fact]
    public async Task Model_is_told_time_device_and_what_is_remembered()
    {
        var client = FakeChatClient.Saying("好。");
        var memory = new InMemoryDialogueMemory { Summary = "用户叫小明" };
        memory.Remember("aa:bb", "s0", new DialogueTurn(DateTimeOffset.UnixEpoch, "上次的话", "上次的答"));
        await using var bench = new ConversationBench(
            [("Providers:a:Type", "openai"), ("Providers:a:Model", "m"), ("Default", "a")], new FakeChatClientFactory(_ => client), _time)
        {
            Memory = memory,
        };
        await bench.SayAsync("这次的话");

        var system = client.LastMessages[0];
        Assert.Equal(ChatRole.System, system.Role);
        foreach (var part in (string[])["你是测试。", "2026-11-23 08:30 星期一", "aa:bb", "用户叫小明"])
        {
            Assert.Contains(part, system.Text, StringComparison.Ordinal);
        }

        Assert.Equal(["上次的话", "上次的答", "这次的话"], client.LastMessages.Skip(1).Select(static message => message.Text));
        Assert.Equal([ChatRole.User, ChatRole.Assistant, ChatRole.User], client.LastMessages.Skip(1).Select(static message => message.Role));
    }

    [Fact]
    public async Task Memory_is_loaded_once_and_history_grows_with_the_dialogue()
    {
        var client = FakeChatClient.Saying("😊答。");
        await using var bench = ConversationBench.With(client);
        var dialogue = bench.Dialogue();
        await bench.SayAsync("一", dialogue);
        await bench.SayAsync("二", dialogue);
        Assert.Equal(["一", "😊答。", "二"], client.LastMessages.Skip(1).Select(static message => message.Text));
        Assert.Equal(1, bench.Memory.Loads.Value);
        Assert.Equal(["一", "二"], bench.Memory.Of("aa:bb").Select(static turn => turn.User));
    }

    [Fact]
    public async Task Slow_memory_delays_one_turn_by_a_bounded_time_and_is_taken_up_later()
    {
        var gate = new TaskCompletionSource();
        var client = FakeChatClient.Saying("答。");
        await using var bench = new ConversationBench(
            [("Providers:a:Type", "openai"), ("Providers:a:Model", "m"), ("Default", "a")], new FakeChatClientFactory(_ => client), _time)
        {
            Memory = new InMemoryDialogueMemory { Summary = "旧事", Gate = gate.Task },
        };
        bench.Memory.Remember("aa:bb", "s0", new DialogueTurn(DateTimeOffset.UnixEpoch, "旧", "旧答"));
        var dialogue = bench.Dialogue();
        var armed = _time.Armed.Value;
        var (_, sink) = bench.Submit(dialogue, "一");
        await _time.Armed.ReachAsync(armed + 1);
        Assert.Equal(0, client.Calls.Value);
        _time.Turn(new DialogueLimits().MemoryWait);
        Assert.Equal(TurnOutcome.Completed, await sink.Completed);
        Assert.Equal(["一"], client.LastMessages.Skip(1).Select(static message => message.Text));

        gate.SetResult();
        await bench.SayAsync("二", dialogue);
        await bench.SayAsync("三", dialogue);
        Assert.Contains("旧事", client.LastMessages[0].Text, StringComparison.Ordinal);
        Assert.Equal(["旧", "旧答", "一", "答。", "二", "答。", "三"], client.LastMessages.Skip(1).Select(static message => message.Text));
    }

    [Fact]
    public async Task History_is_bounded_by_turns_and_by_tokens()
    {
        var client = FakeChatClient.Saying("答。");
        await using var bench = ConversationBench.With(client);
        var byTurns = bench.Dialogue("a", new DialogueLimits { Turns = 3 });
        var byTokens = bench.Dialogue("b", new DialogueLimits { Tokens = 12 });
        for (var i = 0; i < 10; i++)
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
    public async Task Utterance_beyond_all_bounds_is_cut_between_characters()
    {
        var client = FakeChatClient.Saying("答。");
        await using var bench = ConversationBench.With(client);
        await bench.SayAsync("a𠮷𠮷𠮷", bench.Dialogue("a", new DialogueLimits { Utterance = 4 }));
        Assert.Equal("a𠮷", client.LastMessages[^1].Text);
    }

    [Fact]
    public async Task Goodbye_is_made_with_the_end_prompt()
    {
        var client = FakeChatClient.Saying("再见，下次聊。");
        await using var bench = ConversationBench.With(client);
        var (_, sink) = bench.Submit(bench.Dialogue(), "", kind: TurnKind.Goodbye);
        await sink.Completed;
        Assert.Contains("请道别。", client.LastMessages[0].Text, StringComparison.Ordinal);
        Assert.Equal("再见", client.LastMessages[^1].Text);
        Assert.Equal(["再见，", "下次聊。"], sink.Sentences);
    }

    [Fact]
    public async Task Changed_texts_are_in_force_at_the_next_turn()
    {
        var client = FakeChatClient.Saying("答。");
        await using var bench = ConversationBench.With(client);
        var dialogue = bench.Dialogue();
        await bench.SayAsync("一", dialogue);
        bench.Texts = new ConversationTexts("你是别人。", "", "");
        await bench.SayAsync("二", dialogue);
        Assert.Contains("你是别人。", client.LastMessages[0].Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Interrupted_reply_is_remembered_as_far_as_it_was_heard()
    {
        var steps = new StepStream();
        await using var bench = ConversationBench.With(steps.Client);
        var dialogue = bench.Dialogue();
        var (turn, sink) = bench.Submit(dialogue, "讲个故事");
        await steps.SayAsync("从前有座山。山里");
        await sink.Spoken.ReachAsync(1);
        bench.Workers.Cancel(turn);
        Assert.Equal(TurnOutcome.Cancelled, await sink.Completed);
        var kept = Assert.Single(bench.Memory.Of("aa:bb"));
        Assert.Equal(("讲个故事", "从前有座山。……（被打断）"), (kept.User, kept.Assistant));
        Assert.Equal(["mood happy", "say 从前有座山。", "end Cancelled"], sink.Events);
    }

    [Fact]
    public async Task Turn_is_remembered_before_its_end_is_told()
    {
        await using var bench = ConversationBench.With(FakeChatClient.Saying("答。"));
        var known = -1;
        var sink = new RecordingReplySink { OnComplete = () => known = bench.Memory.Of("aa:bb").Count };
        Assert.True(bench.Workers.TrySubmit(bench.Dialogue(), new TurnRequest { Utterance = "一", Sink = sink }));
        await sink.Completed;
        Assert.Equal(1, known);
    }

    [Theory]
    [InlineData("你好，世界。今天好吗？", "你好，|世界。|今天好吗？")]
    [InlineData("hi", "hi")]
    public async Task Echo_answers_with_the_users_own_words(string words, string sentences)
    {
        await using var bench = new ConversationBench([]);
        Assert.Equal(sentences.Split('|'), (await bench.SayAsync(words)).Sentences);
    }
}
