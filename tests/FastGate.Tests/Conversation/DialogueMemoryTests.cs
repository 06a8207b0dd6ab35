using FastGate.Conversation;
using FastGate.Testing.Conversation;

namespace FastGate.Tests.Conversation;

/// <summary>Loading, erasing and remembering the history of a dialogue.</summary>
public sealed class DialogueMemoryTests
{
    private readonly ManualTimeProvider _time = new();

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
    public async Task Slow_memory_delays_one_turn_by_a_bounded_time_and_is_used_later()
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
    public async Task Incomplete_history_is_loaded_again_until_it_is_complete()
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
    public async Task A_turn_that_another_server_saves_late_takes_its_place_in_the_history()
    {
        var client = FakeChatClient.Saying("答。");
        await using var bench = ConversationBench.With(client, _time);
        bench.Memory.MayGrow = true;
        bench.Memory.Keep("aa:bb", new Exchange(_time.GetUtcNow().AddSeconds(-9), "旧", "旧答"));
        Dialogue dialogue = bench.Dialogue();
        await bench.SayAsync("一", dialogue);
        bench.Memory.Keep("aa:bb", new Exchange(_time.GetUtcNow().AddSeconds(-1), "搬家前", "好。"));
        await bench.SayAsync("二", dialogue);
        Assert.Equal(["旧", "旧答", "搬家前", "好。", "一", "答。", "二"], client.LastMessages.Skip(1).Select(static message => message.Text));
        Assert.Equal(2, bench.Memory.Loads.Value);

        // The first turn after the time in which this happens loads once more, and then no turn does.
        _time.Turn(new DialogueLimits().MoveWindow + TimeSpan.FromSeconds(1));
        for (int turn = 0; turn < 3; turn++)
        {
            await bench.SayAsync("三", dialogue);
            Assert.Equal(3, bench.Memory.Loads.Value);
        }

        // An erasure begins anew.
        bench.Memory.Erase("aa:bb");
        await bench.SayAsync("四", dialogue);
        await bench.SayAsync("五", dialogue);
        Assert.Equal(5, bench.Memory.Loads.Value);
    }

    [Fact]
    public async Task Exchange_loaded_from_a_store_with_milliseconds_is_not_duplicated()
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

        // The time is a whole number of milliseconds.
        Exchange kept = Assert.Single(bench.Memory.Of("aa:bb"));
        Assert.Equal(kept.At, DateTimeOffset.FromUnixTimeMilliseconds(kept.At.ToUnixTimeMilliseconds()));
        gate.SetResult();
        await bench.Memory.LastLoad!;
        await bench.SayAsync("二", dialogue);
        Assert.Equal(["一", "答。", "二"], client.LastMessages.Skip(1).Select(static message => message.Text));
    }

    [Fact]
    public async Task Erasure_clears_the_history_of_a_dialogue()
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
    public async Task Turn_in_progress_during_an_erasure_is_not_remembered()
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

        (Turn? after, RecordingReplySink? next) = bench.Submit(dialogue, "我是谁");
        await steps.Client.Calls.ReachAsync(2);
        Assert.Equal(["我是谁"], steps.Client.LastMessages.Skip(1).Select(static message => message.Text));
        bench.Workers.Cancel(after);
        await next.Completed;
        Assert.Equal(["我是谁"], bench.Memory.Of("aa:bb").Select(static kept => kept.User));
    }

    [Fact]
    public async Task Erasure_during_a_load_discards_its_result()
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
    public async Task Words_are_remembered_when_the_reply_is_interrupted_before_its_first_sentence()
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
}
