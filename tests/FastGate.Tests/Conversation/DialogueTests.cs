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
    public async Task Memory_is_loaded_once_and_history_grows_with_the_dialogue()
    {
        var client = FakeChatClient.Saying("😊答。");
        await using var bench = ConversationBench.With(client);
        Dialogue dialogue = bench.Dialogue();
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
        bench.Memory.Keep("aa:bb", new Exchange(DateTimeOffset.UnixEpoch, "旧", "旧答"));
        Dialogue dialogue = bench.Dialogue();
        (Turn _, RecordingReplySink? sink) = bench.Submit(dialogue, "一");
        await _time.NextDueInAsync(new DialogueLimits().MemoryWait);
        Assert.Equal(0, client.Calls.Value);
        _time.Turn(new DialogueLimits().MemoryWait);
        Assert.Equal(TurnOutcome.Completed, await sink.Completed);
        Assert.Equal(["一"], client.LastMessages.Skip(1).Select(static message => message.Text));

        gate.SetResult();
        await bench.Memory.LastLoad!;
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
    public async Task Memory_that_did_not_know_everything_is_asked_again_until_it_does()
    {
        var client = FakeChatClient.Saying("答。");
        await using var bench = ConversationBench.With(client);
        bench.Memory.Keep("aa:bb", new Exchange(DateTimeOffset.UnixEpoch, "旧", "旧答"));
        bench.Memory.Summary = "旧事";
        bench.Memory.InTrouble = true;
        Dialogue dialogue = bench.Dialogue();
        await bench.SayAsync("一", dialogue);
        await bench.SayAsync("二", dialogue);
        Assert.Equal(["一", "答。", "二"], client.LastMessages.Skip(1).Select(static message => message.Text));
        bench.Memory.InTrouble = false;
        await bench.SayAsync("三", dialogue);
        await bench.SayAsync("四", dialogue);
        Assert.Equal(3, bench.Memory.Loads.Value);
        Assert.Contains("旧事", client.LastMessages[0].Text, StringComparison.Ordinal);
        Assert.Equal(
            ["旧", "旧答", "一", "答。", "二", "答。", "三", "答。", "四"], client.LastMessages.Skip(1).Select(static message => message.Text));
    }

    [Fact]
    public async Task Turn_that_comes_back_from_a_store_of_milliseconds_is_known_for_the_same()
    {
        var gate = new TaskCompletionSource();
        var client = FakeChatClient.Saying("答。");
        _time.Turn(TimeSpan.FromTicks(12_345));
        await using var bench = ConversationBench.With(client, _time);
        bench.Memory.Gate = gate.Task;
        Dialogue dialogue = bench.Dialogue();
        (Turn _, RecordingReplySink? sink) = bench.Submit(dialogue, "一");
        await _time.TurnToNextAsync(new DialogueLimits().MemoryWait);
        await sink.Completed;

        // What a store of milliseconds makes of it.
        Exchange kept = Assert.Single(bench.Memory.Of("aa:bb"));
        Assert.Equal(kept.At, DateTimeOffset.FromUnixTimeMilliseconds(kept.At.ToUnixTimeMilliseconds()));
        gate.SetResult();
        await bench.Memory.LastLoad!;
        await bench.SayAsync("二", dialogue);
        Assert.Equal(["一", "答。", "二"], client.LastMessages.Skip(1).Select(static message => message.Text));
    }

    [Fact]
    public async Task Erasure_reaches_a_conversation_in_progress()
    {
        var client = FakeChatClient.Saying("答。");
        await using var bench = ConversationBench.With(client);
        bench.Memory.Summary = "用户叫小明";
        Dialogue dialogue = bench.Dialogue();
        await bench.SayAsync("我叫小明", dialogue);
        bench.Memory.Erase("another");
        await bench.SayAsync("二", dialogue);
        Assert.Equal(1, bench.Memory.Loads.Value);
        Assert.Contains(client.LastMessages, static message => message.Text == "我叫小明");

        bench.Memory.Summary = null;
        bench.Memory.Erase("aa:bb");
        await bench.SayAsync("我是谁", dialogue);
        Assert.DoesNotContain(client.LastMessages, static message => message.Text.Contains("小明", StringComparison.Ordinal));
        await bench.SayAsync("还在吗", dialogue);
        Assert.Equal(["我是谁", "答。", "还在吗"], client.LastMessages.Skip(1).Select(static message => message.Text));
    }

    [Fact]
    public async Task Turn_in_progress_when_memory_is_erased_does_not_bring_it_back()
    {
        var steps = new StepStream();
        await using var bench = ConversationBench.With(steps.Client);
        Dialogue dialogue = bench.Dialogue();
        (Turn? turn, RecordingReplySink? sink) = bench.Submit(dialogue, "我叫小明");
        await steps.SayAsync("小明你好。再见");
        await sink.Spoken.ReachAsync(1);
        (Turn? waiting, RecordingReplySink? waited) = bench.Submit(dialogue, "我还叫小明");
        bench.Memory.Erase("aa:bb");
        bench.Workers.Cancel(waiting);
        bench.Workers.Cancel(turn);
        Assert.Equal(TurnOutcome.Cancelled, await waited.Completed);
        Assert.Empty(bench.Memory.Of("aa:bb"));

        (Turn? after, RecordingReplySink? told) = bench.Submit(dialogue, "我是谁");
        await steps.Client.Calls.ReachAsync(2);
        Assert.Equal(["我是谁"], steps.Client.LastMessages.Skip(1).Select(static message => message.Text));
        bench.Workers.Cancel(after);
        await told.Completed;
        Assert.Equal(["我是谁"], bench.Memory.Of("aa:bb").Select(static kept => kept.User));
    }

    [Fact]
    public async Task Erasure_while_memory_is_waited_for_makes_void_what_it_brings()
    {
        var gate = new TaskCompletionSource();
        var client = FakeChatClient.Saying("答。");
        await using var bench = ConversationBench.With(client, _time);
        bench.Memory.Summary = "旧事";
        bench.Memory.Gate = gate.Task;
        (Turn _, RecordingReplySink? sink) = bench.Submit(bench.Dialogue(), "一");
        await bench.Memory.Loads.ReachAsync(1);
        bench.Memory.Erase("aa:bb");
        gate.SetResult();
        await sink.Completed;
        Assert.DoesNotContain("旧事", client.LastMessages[0].Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Words_that_were_interrupted_before_the_first_sentence_are_known()
    {
        bool silent = true;
        var client = new FakeChatClient((_, cancellationToken) => silent ? WaitAsync(cancellationToken) : AnswerAsync());
        await using var bench = ConversationBench.With(client);
        Dialogue dialogue = bench.Dialogue();
        (Turn? turn, RecordingReplySink? sink) = bench.Submit(dialogue, "我叫小明");
        await client.Calls.ReachAsync(1);
        (Turn? dropped, RecordingReplySink? unheard) = bench.Submit(dialogue, "我住上海");
        bench.Workers.Cancel(dropped);
        bench.Workers.Cancel(turn);
        await sink.Completed;
        await unheard.Completed;
        silent = false;
        await bench.SayAsync("我是谁", dialogue);
        const string Interrupted = FastGate.Conversation.Dialogue.InterruptedMark;
        Assert.Equal(
            ["我叫小明", Interrupted, "我住上海", Interrupted, "我是谁"], client.LastMessages.Skip(1).Select(static message => message.Text));
        Assert.Equal(["我叫小明", "我住上海", "我是谁"], bench.Memory.Of("aa:bb").Select(static kept => kept.User));

        static async IAsyncEnumerable<string> WaitAsync([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
        {
            await Task.Delay(Timeout.Infinite, cancellationToken);
            yield break;
        }

        static async IAsyncEnumerable<string> AnswerAsync()
        {
            await Task.Yield();
            yield return "小明。";
        }
    }

    [Fact]
    public async Task Departure_is_told_behind_the_turns_before_it()
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

        // As a connection does at its end; no queue is so full that it could be refused.
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
    public async Task Goodbye_is_made_with_the_end_prompt()
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
    public async Task Changed_texts_are_in_force_at_the_next_turn()
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
    public async Task Interrupted_reply_is_remembered_as_far_as_it_was_heard()
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
    public async Task Turn_is_remembered_before_its_end_is_told()
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
    public async Task Echo_answers_with_the_users_own_words(string words, string sentences)
    {
        await using var bench = new ConversationBench([]);
        Assert.Equal(sentences.Split('|'), (await bench.SayAsync(words)).Sentences);
    }
}
