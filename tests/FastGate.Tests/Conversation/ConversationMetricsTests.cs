using FastGate.Configuration.Options;
using FastGate.Conversation;
using FastGate.Llm.Calls;
using FastGate.Testing.Conversation;

namespace FastGate.Tests.Conversation;

/// <summary>The measurements of the conversation.</summary>
public sealed class ConversationMetricsTests
{
    private readonly ManualTimeProvider _time = new();

    [Fact]
    public async Task Tokens_after_a_cancellation_are_counted_separately()
    {
        var interrupted = new TaskCompletionSource();
        var client = new FakeChatClient((_, _) => TalkOnAsync());
        await using var bench = ConversationBench.With(client);
        using var counted = new CountedMeasurements(bench.Meter);
        (Turn? turn, RecordingReplySink? sink) = bench.Submit(bench.Dialogue(), "你好");
        await sink.Spoken.ReachAsync(1);
        turn.Cancellation.Request();
        interrupted.SetResult();
        Assert.Equal(TurnOutcome.Cancelled, await sink.Completed);
        Assert.Equal(["听到了。"], sink.Sentences);

        // The client sends two more pieces before it checks its token.
        Assert.Equal(TokenEstimate.Of("听到了。"), counted["fastgate.conversation.tokens fake chat out"]);
        Assert.Equal(TokenEstimate.Of("没人听的一句。") + TokenEstimate.Of("又一句。"), counted["fastgate.conversation.tokens fake chat after_cancel"]);

        async IAsyncEnumerable<string> TalkOnAsync()
        {
            yield return "听到了。";
            await interrupted.Task;
            yield return "没人听的一句。";
            yield return "又一句。";
        }
    }

    [Fact]
    public async Task Queue_depth_wait_and_turns_in_progress_are_measured()
    {
        var client = FakeChatClient.Silent();
        await using var bench = ConversationBench.With(client, _time, new ConversationWorkerOptions { Concurrency = 1, Queue = 10 });
        using var counted = new CountedMeasurements(bench.Meter);
        (Turn? turn, RecordingReplySink? sink) = bench.Submit(bench.Dialogue("a"), "占着");
        await client.Calls.ReachAsync(1);
        (Turn Turn, RecordingReplySink Sink)[] waiting = Enumerable.Range(0, 3).Select(i => bench.Submit(bench.Dialogue("w" + i), "等着")).ToArray();
        counted.Observe();
        Assert.Equal((3, 1), (counted["fastgate.conversation.queue.depth"], counted["fastgate.conversation.in_flight"]));

        _time.Turn(TimeSpan.FromSeconds(2));
        bench.Workers.Cancel(turn);
        await sink.Completed;
        await client.Calls.ReachAsync(2);
        counted.Observe();
        Assert.Equal((2, 1), (counted["fastgate.conversation.queue.depth"], counted["fastgate.conversation.in_flight"]));

        // The first turn did not wait, the second waited for two seconds.
        Assert.Equal(2_000, counted["fastgate.conversation.queue.wait"]);
        foreach ((Turn? other, RecordingReplySink _) in waiting)
        {
            bench.Workers.Cancel(other);
        }

        await Task.WhenAll(waiting.Select(static other => other.Sink.Completed));
        await bench.Workers.DrainAsync(CancellationToken.None).WaitAsync(CountSignal.Timeout);
        counted.Observe();
        Assert.Equal((0, 0), (counted["fastgate.conversation.queue.depth"], counted["fastgate.conversation.in_flight"]));
    }

    [Fact]
    public async Task Tokens_and_outcomes_are_counted_by_provider_and_purpose()
    {
        await using FakeOpenAiServer server = await FakeOpenAiServer.StartAsync((_, _) => LlmReply.Says("一", "二", "三。"));
        await using var bench = ConversationBench.At(server, ("ByMode:working", "real"));
        using var counted = new CountedMeasurements(bench.Meter);

        await bench.SayAsync("你好", purpose: "working");
        await bench.SayAsync("你好", purpose: "made-up-by-a-device");

        Assert.True(counted["fastgate.conversation.tokens real working in"] >= 11);
        Assert.True(counted["fastgate.conversation.tokens real working out"] >= 3);
        Assert.Equal(1, counted["fastgate.conversation.calls real other none"]);
        Assert.Equal(1, counted["fastgate.conversation.turns completed working"]);
    }
}
