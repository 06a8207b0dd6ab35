using FastGate.Configuration.Options;
using FastGate.Conversation;
using FastGate.Testing.Conversation;
using FastGate.Tests.Transport;

namespace FastGate.Tests.Conversation;

/// <summary>A turn that begins from partial words: without effect until the whole words are known.</summary>
public sealed class EarlyReplyTests
{
    private const string Device = "aa:bb";

    [Fact]
    public async Task A_reply_to_the_same_words_is_handed_over_in_order_and_remembered_with_the_whole_words()
    {
        var proceed = new TaskCompletionSource();
        await using var bench = ConversationBench.With(new FakeChatClient((_, _) => SayAsync(proceed.Task)));
        (Turn turn, EarlyReply early) = Begin(bench, bench.Dialogue(Device), "hello");
        var sink = new RecordingReplySink();
        await Eventually.TrueAsync(() => bench.Workers.Status.InFlight == 1, "the turn runs");
        Assert.True(turn.TryRelease("Hello.", null, sink));
        proceed.SetResult();

        Assert.Equal(TurnOutcome.Completed, await sink.Completed);
        Assert.Equal(["mood happy", "say One.", "say Two.", "end Completed"], sink.Events);
        Assert.Equal(("Hello.", "One. Two."), bench.Memory.Of(Device).Select(static exchange => (exchange.User, exchange.Assistant)).Single());
        Assert.False(early.IsDropped);
    }

    /// <summary>The reply may be whole before the words are.</summary>
    [Fact]
    public async Task A_reply_that_is_whole_waits_for_the_words()
    {
        var client = FakeChatClient.Saying("One. ", "Two.");
        await using var bench = ConversationBench.With(client);
        Dialogue dialogue = bench.Dialogue(Device);
        (Turn turn, EarlyReply early) = Begin(bench, dialogue, "hello");
        await client.Calls.ReachAsync(1);
        Assert.Empty(bench.Memory.Of(Device));
        Assert.Null(early.Target);
        var sink = new RecordingReplySink();
        Assert.True(turn.TryRelease("hello", null, sink));

        Assert.Equal(TurnOutcome.Completed, await sink.Completed);
        Assert.Equal(["One.", "Two."], sink.Sentences);
        Assert.False(turn.TryRelease("hello", null, new RecordingReplySink()));
        Assert.Equal(["hello"], bench.Memory.Of(Device).Select(static exchange => exchange.User));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_dropped_turn_leaves_no_trace_and_the_next_runs(bool cancelled)
    {
        var calls = new CountSignal();
        var closed = new TaskCompletionSource();
        await using var bench = ConversationBench.With(new FakeChatClient((messages, cancellationToken) =>
        {
            calls.Increment();
            return messages[^1].Text == "hello" && cancelled ? SilentAsync(closed, cancellationToken) : FakeReply();
        }));
        Dialogue dialogue = bench.Dialogue(Device);
        (Turn turn, EarlyReply early) = Begin(bench, dialogue, "hello");
        await calls.ReachAsync(1);
        if (cancelled)
        {
            bench.Workers.Cancel(turn);
            await closed.Task.WaitAsync(CountSignal.Timeout);
        }
        else
        {
            early.Drop();
        }

        var sink = new RecordingReplySink();
        Assert.False(turn.TryRelease("hello", null, sink));
        Assert.Equal(["One."], (await bench.SayAsync("hello you", dialogue)).Sentences);
        Assert.Equal(["hello you"], bench.Memory.Of(Device).Select(static exchange => exchange.User));
        Assert.Empty(sink.Events);
        await Eventually.TrueAsync(() => bench.Workers.Status.InFlight == 0, "no slot is held");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_tool_runs_only_after_the_words_are_known(bool same)
    {
        await using FakeOpenAiServer server = await FakeOpenAiServer.StartAsync(static (number, _) => number == 1 ? LlmReply.Calls(new LlmToolCall("light")) : LlmReply.Says("Done."));
        await using var bench = ConversationBench.At(server);
        var tool = FakeTool.Returning("light", "on");
        Dialogue dialogue = bench.Dialogue(Device, tools: new ToolOptions(), deviceTools: tool);
        (Turn turn, EarlyReply early) = Begin(bench, dialogue, "light on");
        await server.Finished.ReachAsync(1);
        Assert.Equal(0, tool.Calls.Value);
        if (same)
        {
            var sink = new RecordingReplySink();
            Assert.True(turn.TryRelease("Light on.", null, sink));
            Assert.Equal(TurnOutcome.Completed, await sink.Completed);
            Assert.Equal(["Done."], sink.Sentences);
        }
        else
        {
            early.Drop();
            await Eventually.TrueAsync(() => bench.Workers.Status.InFlight == 0, "the turn has ended");
        }

        Assert.Equal(same ? 1 : 0, tool.Calls.Value);
        Assert.Equal(same ? 1 : 0, bench.Memory.Of(Device).Count);
    }

    [Fact]
    public async Task A_reply_of_more_sentences_than_are_kept_is_dropped()
    {
        var client = FakeChatClient.Saying([.. Enumerable.Repeat("Word. ", EarlyReply.MaxSentences + 1)]);
        await using var bench = ConversationBench.With(client);
        (_, EarlyReply early) = Begin(bench, bench.Dialogue(Device), "hello");
        await Eventually.TrueAsync(() => early.IsDropped, "the reply is dropped");
        await Eventually.TrueAsync(() => bench.Workers.Status.InFlight == 0, "no slot is held");
        Assert.Empty(bench.Memory.Of(Device));
    }

    /// <summary>The session always decides; this is for the defect where it does not.</summary>
    [Fact]
    public async Task A_turn_whose_words_never_come_ends()
    {
        var time = new ManualTimeProvider();
        var early = new EarlyReply();
        Task<bool> released = early.IsReleasedAsync(time);
        await time.Armed.ReachAsync(1);
        time.Turn(TimeSpan.FromMinutes(3));
        Assert.False(await released);
        Assert.True(early.IsDropped);
    }

    [Fact]
    public async Task An_early_turn_takes_less_than_half_of_the_slots()
    {
        await using var bench = ConversationBench.With(FakeChatClient.Silent(), options: new ConversationWorkerOptions { Concurrency = 4, Queue = 10 });
        for (int i = 0; i < 2; i++)
        {
            Assert.True(bench.Workers.HasRoomForEarly);
            bench.Submit(bench.Dialogue("d" + i), "hello");
            await Eventually.TrueAsync(() => bench.Workers.Status is { Waiting: 0 } status && status.InFlight == i + 1, "the turn runs");
        }

        Assert.False(bench.Workers.HasRoomForEarly);
    }

    private static (Turn Turn, EarlyReply Early) Begin(ConversationBench bench, Dialogue dialogue, string words)
    {
        var early = new EarlyReply();
        var turn = new Turn { Utterance = words, Sink = early };
        Assert.True(bench.Workers.TrySubmit(dialogue, turn));
        return (turn, early);
    }

    private static async IAsyncEnumerable<string> SayAsync(Task proceed)
    {
        yield return "One. ";
        await proceed;
        yield return "Two.";
    }

    private static async IAsyncEnumerable<string> FakeReply()
    {
        await Task.Yield();
        yield return "One.";
    }

    private static async IAsyncEnumerable<string> SilentAsync(TaskCompletionSource closed, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        try
        {
            await Task.Delay(Timeout.Infinite, cancellationToken);
        }
        finally
        {
            closed.TrySetResult();
        }

        yield break;
    }
}
