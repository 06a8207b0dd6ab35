using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using FastGate.Configuration.Options;
using FastGate.Conversation;
using FastGate.Conversation.Workers;
using FastGate.Testing.Conversation;

namespace FastGate.Tests.Conversation;

public sealed class ConversationWorkersTests
{
    private static readonly ConversationWorkerOptions s_one = new() { Concurrency = 1, Queue = 3 };

    [Fact]
    public async Task Turns_of_each_dialogue_keep_their_order_among_a_thousand_dialogues()
    {
        const int Devices = 1_000;
        const int TurnsEach = 4;

        // Each answer takes a random number of steps, so answers arrive in another order than the questions.
        var random = new Random(11);
        int overtaken = 0;
        int lastDevice = 0;
        var client = new FakeChatClient((messages, _) => AnswerAsync(messages[^1].Text));
        await using var bench = ConversationBench.With(client, options: new ConversationWorkerOptions { Concurrency = 64, Queue = Devices * TurnsEach });
        Dialogue[] dialogues = Enumerable.Range(0, Devices).Select(i => bench.Dialogue("d" + i)).ToArray();
        var sinks = new RecordingReplySink[Devices, TurnsEach];
        Parallel.For(0, 4, part =>
        {
            for (int turn = 0; turn < TurnsEach; turn++)
            {
                for (int device = part; device < Devices; device += 4)
                {
                    sinks[device, turn] = bench.Submit(dialogues[device], $"d{device}t{turn}").Sink;
                }
            }
        });

        for (int device = 0; device < Devices; device++)
        {
            for (int turn = 0; turn < TurnsEach; turn++)
            {
                RecordingReplySink sink = sinks[device, turn];
                Assert.Equal(TurnOutcome.Completed, await sink.Completed);
                Assert.Equal(["mood happy", $"say 答d{device}t{turn}，", $"say 完d{device}t{turn}。", "end Completed"], sink.Events);
            }

            Assert.Equal(Enumerable.Range(0, TurnsEach).Select(turn => $"d{device}t{turn}"), bench.Memory.Of("d" + device).Select(static turn => turn.User));
            Assert.All(bench.Memory.Of("d" + device), turn => Assert.Equal($"答{turn.User}，完{turn.User}。", turn.Assistant));
        }

        Assert.True(overtaken > Devices);

        async IAsyncEnumerable<string> AnswerAsync(string words)
        {
            int steps;
            lock (random)
            {
                steps = random.Next(40);
            }

            for (int i = 0; i < steps; i++)
            {
                await Task.Yield();
            }

            yield return $"答{words}，";
            await Task.Yield();
            int device = int.Parse(words.AsSpan(1, words.IndexOf('t', StringComparison.Ordinal) - 1), System.Globalization.CultureInfo.InvariantCulture);
            if (device < Interlocked.Exchange(ref lastDevice, device))
            {
                Interlocked.Increment(ref overtaken);
            }

            yield return $"完{words}。";
        }
    }

    [Fact]
    public async Task Hundreds_of_silent_turns_block_no_thread_and_delay_no_other_turn()
    {
        const int Silent = 500;
        var silent = new CountSignal();
        var threads = new ConcurrentDictionary<int, bool>();
        var client = new FakeChatClient((messages, cancellationToken) => messages[^1].Text == "沉默" ? SilentAsync(cancellationToken) : EchoAsync(messages[^1].Text));
        await using var bench = ConversationBench.With(client, options: new ConversationWorkerOptions { Concurrency = Silent + 10, Queue = 4_096 });
        Assert.Single((await bench.SayAsync("热身。")).Sentences);

        var turns = Enumerable.Range(0, Silent).Select(i => bench.Submit(bench.Dialogue("s" + i), "沉默")).ToList();
        await silent.ReachAsync(Silent);

        // All of them are silent at the same time, so a thread that one of them blocked would have run no other.
        Assert.InRange(threads.Count, 1, 2);
        Assert.Equal(2, bench.Workers.Status.Threads);
        Assert.Equal(Silent, bench.Workers.Status.InFlight);
        foreach ((Turn? turn, RecordingReplySink? sink) in turns)
        {
            bench.Workers.Cancel(turn);
            Assert.Equal(TurnOutcome.Cancelled, await sink.Completed);
        }

        Assert.Equal(["还在吗？"], (await bench.SayAsync("还在吗？")).Sentences);

        async IAsyncEnumerable<string> SilentAsync([EnumeratorCancellation] CancellationToken cancellationToken)
        {
            threads.TryAdd(Environment.CurrentManagedThreadId, true);
            silent.Increment();
            await Task.Delay(Timeout.Infinite, cancellationToken);
            yield break;
        }

        static async IAsyncEnumerable<string> EchoAsync(string words)
        {
            await Task.Yield();
            yield return words;
        }
    }

    [Fact]
    public async Task Slow_call_delays_only_its_own_device()
    {
        var slow = new TaskCompletionSource();
        var client = new FakeChatClient((messages, _) => AnswerAsync(messages[^1].Text));
        await using var bench = ConversationBench.With(client);
        Dialogue stuck = bench.Dialogue("stuck");
        (Turn _, RecordingReplySink? first) = bench.Submit(stuck, "慢");
        (Turn _, RecordingReplySink? second) = bench.Submit(stuck, "后");
        for (int i = 0; i < 50; i++)
        {
            await bench.SayAsync("快。", bench.Dialogue("d" + i));
        }

        Assert.Empty(first.Events);
        Assert.Empty(second.Events);
        slow.SetResult();
        Assert.Equal(TurnOutcome.Completed, await first.Completed);
        Assert.Equal(TurnOutcome.Completed, await second.Completed);

        async IAsyncEnumerable<string> AnswerAsync(string words)
        {
            await (words == "慢" ? slow.Task : Task.CompletedTask);
            yield return words;
        }
    }

    [Fact]
    public async Task Full_queue_rejects_the_turn_and_calls_no_sink()
    {
        var client = FakeChatClient.Silent();
        await using var bench = ConversationBench.With(client, options: s_one);
        (Turn Turn, RecordingReplySink Sink) running = bench.Submit(bench.Dialogue("a"), "占着");
        await client.Calls.ReachAsync(1);
        (Turn Turn, RecordingReplySink Sink)[] waiting = Enumerable.Range(0, 3).Select(i => bench.Submit(bench.Dialogue("w" + i), "等着")).ToArray();
        var refused = new RecordingReplySink();
        Assert.False(bench.Workers.TrySubmit(bench.Dialogue("x"), new Turn { Utterance = "满了", Sink = refused }));
        Assert.Empty(refused.Events);
        ConversationStatus status = bench.Workers.Status;
        Assert.Equal((3, 3, 1, 1, 1d, 1L), (status.Waiting, status.Queue, status.InFlight, status.Concurrency, status.Saturation, status.Rejected));

        // A cancelled turn frees its place at once, before a worker takes it.
        bench.Workers.Cancel(waiting[1].Turn);
        Assert.True(bench.Workers.TrySubmit(bench.Dialogue("y"), new Turn { Utterance = "有了", Sink = new RecordingReplySink() }));
        bench.Workers.Cancel(running.Turn);
        Assert.Equal(TurnOutcome.Cancelled, await waiting[1].Sink.Completed);
        Assert.DoesNotContain(client.LastMessages, static message => message.Text == "满了");
    }

    [Fact]
    public async Task One_device_cannot_fill_the_queue()
    {
        var client = FakeChatClient.Silent();
        await using var bench = ConversationBench.With(client, options: s_one with { Queue = 4_096 });
        Dialogue greedy = bench.Dialogue("greedy", new DialogueLimits { Waiting = 5 });
        bench.Submit(greedy, "一");
        await client.Calls.ReachAsync(1);
        for (int i = 0; i < 5; i++)
        {
            bench.Submit(greedy, "又");
        }

        Assert.False(bench.Workers.TrySubmit(greedy, new Turn { Utterance = "再", Sink = new RecordingReplySink() }));
        Assert.True(bench.Workers.TrySubmit(bench.Dialogue("modest"), new Turn { Utterance = "请", Sink = new RecordingReplySink() }));
    }

    [Fact]
    public async Task Turn_cancelled_before_its_start_does_not_reach_the_provider()
    {
        var client = FakeChatClient.Silent();
        await using var bench = ConversationBench.With(client, options: s_one);
        Dialogue dialogue = bench.Dialogue();
        (Turn Turn, RecordingReplySink Sink) first = bench.Submit(dialogue, "一");
        await client.Calls.ReachAsync(1);
        (Turn Turn, RecordingReplySink Sink) second = bench.Submit(dialogue, "二");
        bench.Workers.Cancel(second.Turn);
        bench.Workers.Cancel(second.Turn);
        bench.Workers.Cancel(first.Turn);
        Assert.Equal(TurnOutcome.Cancelled, await second.Sink.Completed);
        Assert.Equal(["end Cancelled"], second.Sink.Events);
        Assert.Equal(1, client.Calls.Value);

        var early = new Turn { Utterance = "三", Sink = new RecordingReplySink() };
        bench.Workers.Cancel(early);
        Assert.True(bench.Workers.TrySubmit(dialogue, early));
        Assert.Equal(TurnOutcome.Cancelled, await ((RecordingReplySink)early.Sink).Completed);
        Assert.Equal(1, client.Calls.Value);
    }

    [Fact]
    public async Task Cancel_runs_no_callback_on_the_callers_thread()
    {
        int caller = Environment.CurrentManagedThreadId;
        var thread = new TaskCompletionSource<(int Id, string? Name)>();
        var client = new FakeChatClient((_, cancellationToken) => WaitAsync(cancellationToken));
        await using var bench = ConversationBench.With(client);
        (Turn? turn, RecordingReplySink? sink) = bench.Submit(bench.Dialogue(), "你好");
        await client.Calls.ReachAsync(1);
        bench.Workers.Cancel(turn);
        (int id, string? name) = await thread.Task.WaitAsync(CountSignal.Timeout);
        Assert.NotEqual(caller, id);
        Assert.StartsWith("fastgate-llm-", name, StringComparison.Ordinal);
        Assert.Equal(TurnOutcome.Cancelled, await sink.Completed);

        async IAsyncEnumerable<string> WaitAsync([EnumeratorCancellation] CancellationToken cancellationToken)
        {
            // Registered last, so it runs first; the end of the wait disposes the registration.
            var endless = Task.Delay(Timeout.Infinite, cancellationToken);
            using CancellationTokenRegistration registration = cancellationToken.Register(() => thread.TrySetResult((Environment.CurrentManagedThreadId, Thread.CurrentThread.Name)));
            await endless;
            yield break;
        }
    }

    [Fact]
    public async Task Sink_is_called_on_the_conversation_threads()
    {
        var names = new ConcurrentBag<string?>();
        await using FakeOpenAiServer server = await FakeOpenAiServer.StartAsync((_, _) => LlmReply.Says("一。", "二。", "三。"));
        await using var bench = ConversationBench.At(server);
        var sink = new ThreadNotingSink(names);
        Assert.True(bench.Workers.TrySubmit(bench.Dialogue(), new Turn { Utterance = "你好", Sink = sink }));
        await sink.Completed.Task.WaitAsync(CountSignal.Timeout);
        Assert.Equal(5, names.Count);
        Assert.All(names, static name => Assert.StartsWith("fastgate-llm-", name, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Exception_of_a_client_fails_only_its_own_turn()
    {
        var client = new FakeChatClient((messages, _) => messages[^1].Text == "坏" ? throw new NotSupportedException("fault") : SayAsync());
        await using var bench = ConversationBench.With(client);
        Assert.Equal(["系统忙。"], (await bench.SayAsync("坏")).Sentences);
        Assert.Equal(["好。"], (await bench.SayAsync("行")).Sentences);

        static async IAsyncEnumerable<string> SayAsync()
        {
            await Task.Yield();
            yield return "好。";
        }
    }

    private sealed class ThreadNotingSink(ConcurrentBag<string?> names) : IReplySink
    {
        public TaskCompletionSource Completed { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public void Emotion(string emoji, string emotion) => names.Add(Thread.CurrentThread.Name);

        public void Sentence(string text) => names.Add(Thread.CurrentThread.Name);

        public void EndSession()
        {
        }

        public void Complete(TurnOutcome outcome)
        {
            names.Add(Thread.CurrentThread.Name);
            Completed.TrySetResult();
        }
    }
}
