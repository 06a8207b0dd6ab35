using FastGate.Configuration.Options;
using FastGate.Conversation;
using FastGate.Testing.Conversation;

namespace FastGate.Tests.Conversation;

/// <summary>Draining the conversation workers.</summary>
public sealed class ConversationDrainTests
{
    private static readonly ConversationWorkerOptions s_one = new() { Concurrency = 1, Queue = 3 };

    [Fact]
    public async Task Drain_lets_turns_finish()
    {
        var gate = new TaskCompletionSource();
        var client = new FakeChatClient((messages, _) => AnswerAsync(messages[^1].Text));
        await using var bench = ConversationBench.With(client, options: s_one);
        RecordingReplySink[] sinks = Enumerable.Range(0, 3).Select(i => bench.Submit(bench.Dialogue("d" + i), "答。").Sink).ToArray();
        await client.Calls.ReachAsync(1);
        Task drained = bench.Workers.DrainAsync(CancellationToken.None);
        Assert.False(drained.IsCompleted);
        Assert.False(bench.Workers.TrySubmit(bench.Dialogue("late"), new Turn { Utterance = "晚了", Sink = new RecordingReplySink() }));
        gate.SetResult();
        await drained.WaitAsync(CountSignal.Timeout);
        Assert.All(sinks, static sink => Assert.Equal("end Completed", sink.Events[^1]));
        Assert.True(bench.Workers.Status.Draining);

        async IAsyncEnumerable<string> AnswerAsync(string words)
        {
            await gate.Task;
            yield return words;
        }
    }

    [Fact]
    public async Task Drain_cancels_turns_at_its_deadline_and_completes_every_sink()
    {
        var client = FakeChatClient.Silent();
        await using var bench = ConversationBench.With(client, options: s_one);
        var sinks = new List<RecordingReplySink> { bench.Submit(bench.Dialogue("d0"), "答。").Sink };
        await client.Calls.ReachAsync(1);
        sinks.AddRange(Enumerable.Range(1, 3).Select(i => bench.Submit(bench.Dialogue("d" + i), "答。").Sink));
        using var deadline = new CancellationTokenSource();
        Task drained = bench.Workers.DrainAsync(deadline.Token);
        deadline.Cancel();
        await drained.WaitAsync(CountSignal.Timeout);
        Assert.All(sinks, static sink => Assert.Equal(["end Cancelled"], sink.Events));
        Assert.Equal((0, 0), (bench.Workers.Status.Waiting, bench.Workers.Status.InFlight));
    }

    [Fact]
    public async Task Drain_of_idle_workers_completes_at_once()
    {
        await using var bench = new ConversationBench([]);
        await bench.Workers.DrainAsync(CancellationToken.None).WaitAsync(CountSignal.Timeout);
    }

    [Fact]
    public async Task Drain_completes_while_turns_are_rejected()
    {
        for (int round = 0; round < 50; round++)
        {
            await using var bench = new ConversationBench([]);
            Dialogue dialogue = bench.Dialogue();
            (Turn? used, RecordingReplySink? sink) = bench.Submit(dialogue, "你好");
            await sink.Completed;
            bool stop = false;
            var refused = new CountSignal();

            // A turn that was submitted before is rejected: counted as waiting for a moment.
            var refusing = new Thread(() =>
            {
                for (; !Volatile.Read(ref stop); refused.Increment())
                {
                    Assert.False(bench.Workers.TrySubmit(dialogue, used));
                }
            });
            refusing.Start();
            await refused.ReachAsync(1);
            await bench.Workers.DrainAsync(CancellationToken.None).WaitAsync(CountSignal.Timeout);
            Volatile.Write(ref stop, true);
            refusing.Join();
        }
    }
}
