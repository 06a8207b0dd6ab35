using System.Runtime.CompilerServices;
using FastGate.Conversation;
using FastGate.Llm.Catalog;
using FastGate.Llm.Settings;
using FastGate.Testing.Conversation;
using FastGate.Tests.Conversation;

namespace FastGate.Tests.Llm;

/// <summary>A provider whose slots are all taken: waiting, priority, and effect on the breaker.</summary>
public sealed class LlmCapacityTests
{
    private static readonly TimeSpan s_moment = TimeSpan.FromMilliseconds(1);

    private readonly ManualTimeProvider _time = new();

    [Fact]
    public async Task Provider_gets_no_more_concurrent_calls_than_configured()
    {
        var client = FakeChatClient.Silent();
        await using var bench = new ConversationBench(
            [("Providers:a:Type", "openai"), ("Providers:a:Model", "m"), ("Providers:a:MaxConcurrency", "2"), ("Default", "a")],
            new FakeChatClientFactory(_ => client), _time);
        int armed = _time.Armed.Value;
        (Turn Turn, RecordingReplySink Sink)[] turns = Enumerable.Range(0, 5).Select(i => bench.Submit(bench.Dialogue("d" + i), "你好")).ToArray();
        await client.Calls.ReachAsync(2);

        // Each of the five has armed its timer, three of them for a slot.
        await _time.Armed.ReachAsync(armed + 5);
        Assert.Equal(2, client.Calls.Value);

        // A cancelled call releases its slot.
        foreach ((Turn? turn, RecordingReplySink? sink) in turns)
        {
            bench.Workers.Cancel(turn);
            Assert.Equal(TurnOutcome.Cancelled, await sink.Completed);
        }

        Assert.Equal(2, bench.Catalog.Resolve("chat").Instance!.Endpoint.Server.Slots.CurrentCount);
    }

    [Fact]
    public async Task First_token_timeout_of_a_waiting_call_starts_when_it_gets_its_slot()
    {
        var end = new TaskCompletionSource();
        var client = new FakeChatClient((messages, cancellationToken) => messages[^1].Text == "占着" ? NothingAsync(end.Task) : SilentAsync(cancellationToken));
        await using ConversationBench bench = Narrow(client, 1);
        (Turn _, RecordingReplySink? first) = bench.Submit(bench.Dialogue("a"), "占着");
        await client.Calls.ReachAsync(1);
        await _time.NextDueInAsync(new LlmTimeouts().FirstToken);
        int armed = _time.Armed.Value;
        (Turn _, RecordingReplySink? second) = bench.Submit(bench.Dialogue("b"), "等着");
        await _time.Armed.ReachAsync(armed + 1);

        // The slot becomes free just before the wait for it times out; the provider then has the whole timeout.
        TimeSpan wait = new LlmTimeouts().FirstToken - s_moment;
        _time.Turn(wait);
        end.SetResult();
        Assert.Equal(TurnOutcome.Failed, await first.Completed);
        await client.Calls.ReachAsync(2);
        _time.Turn(wait);
        await _time.TurnToNextAsync(s_moment);
        Assert.Equal(TurnOutcome.Failed, await second.Completed);
        Assert.Equal(1, bench.Catalog.Resolve("chat").Instance!.Endpoint.Breaker.FailuresInARow);

        static async IAsyncEnumerable<string> NothingAsync(Task end)
        {
            await end;
            yield break;
        }
    }

    [Fact]
    public async Task Timeout_of_the_wait_for_a_slot_does_not_count_against_the_breaker()
    {
        var client = FakeChatClient.Silent();
        await using ConversationBench bench = Narrow(client, 1, ("Timeouts:FirstToken", "00:00:05"), ("Timeouts:Total", "00:00:20"));
        using var counted = new CountedMeasurements(bench.Meter);
        (Turn _, RecordingReplySink? sink) = bench.Submit(bench.Dialogue("holder"), "占着");
        await client.Calls.ReachAsync(1);
        _time.Turn(TimeSpan.FromSeconds(1));
        const int Waiters = CircuitBreaker.Threshold * 2;
        int armed = _time.Armed.Value;
        for (int i = 0; i < Waiters; i++)
        {
            bench.Submit(bench.Dialogue("w" + i), "等着");
        }

        await _time.Armed.ReachAsync(armed + Waiters);

        // The holder times out first. One waiter gets its slot, and has not timed out when the other waiters do.
        _time.Turn(TimeSpan.FromSeconds(4));
        Assert.Equal(TurnOutcome.Failed, await sink.Completed);
        await client.Calls.ReachAsync(2);
        _time.Turn(TimeSpan.FromSeconds(1));
        string busy = "fastgate.conversation.calls a chat busy";
        while (counted[busy] < Waiters - 1)
        {
            await Task.Delay(1);
        }

        LlmEndpoint endpoint = bench.Catalog.Resolve("chat").Instance!.Endpoint;
        Assert.Equal((1, false), (endpoint.Breaker.FailuresInARow, endpoint.Breaker.IsOpen));
    }

    [Fact]
    public async Task Waiting_call_fails_when_the_breaker_opens_before_it_gets_its_slot()
    {
        var client = FakeChatClient.Silent();
        await using ConversationBench bench = Narrow(client, 1);
        (Turn? turn, RecordingReplySink? sink) = bench.Submit(bench.Dialogue("a"), "占着");
        await client.Calls.ReachAsync(1);
        int armed = _time.Armed.Value;
        (Turn _, RecordingReplySink? waiter) = bench.Submit(bench.Dialogue("b"), "等着");
        await _time.Armed.ReachAsync(armed + 1);
        CircuitBreaker breaker = bench.Catalog.Resolve("chat").Instance!.Endpoint.Breaker;
        while (!breaker.Failed())
        {
        }

        bench.Workers.Cancel(turn);
        Assert.Equal(["系统忙。"], await SentencesAsync(waiter));
        Assert.Equal(1, client.Calls.Value);
    }

    [Fact]
    public async Task Background_calls_use_at_most_a_quarter_of_the_slots()
    {
        var client = new FakeChatClient((messages, cancellationToken) => messages[^1].Text == "在吗" ? SayAsync() : SilentAsync(cancellationToken));
        await using ConversationBench bench = Narrow(client, 8);
        using var stop = new CancellationTokenSource();
        int armed = _time.Armed.Value;
        Task<string?>[] summaries = Enumerable.Range(0, 10).Select(_ => bench.Workers.CompleteAsync("memory", "总结", "很长", stop.Token)).ToArray();
        await _time.Armed.ReachAsync(armed + 10);
        await client.Calls.ReachAsync(2);
        ProviderConcurrency server = bench.Catalog.Resolve("chat").Instance!.Endpoint.Server;
        Assert.Equal((6, 0), (server.Slots.CurrentCount, server.BackgroundSlots.CurrentCount));
        Assert.Equal(["在。"], (await bench.SayAsync("在吗")).Sentences);

        stop.Cancel();
        Assert.All(await Task.WhenAll(summaries), Assert.Null);
        Assert.Equal((8, 2), (server.Slots.CurrentCount, server.BackgroundSlots.CurrentCount));
        Assert.Equal(3, client.Calls.Value);
    }

    [Fact]
    public async Task Slow_background_calls_have_longer_timeouts_and_do_not_open_the_breaker()
    {
        var client = FakeChatClient.Silent();
        await using var bench = ConversationBench.With(client, _time);
        for (int i = 1; i <= CircuitBreaker.Threshold * 2; i++)
        {
            Task<string?> summary = bench.Workers.CompleteAsync("memory", "总结", "很长", CancellationToken.None);
            await client.Calls.ReachAsync(i);
            _time.Turn(new LlmTimeouts().Total - s_moment);
            Assert.False(summary.IsCompleted);
            _time.Turn(s_moment);
            Assert.Null(await summary.WaitAsync(CountSignal.Timeout));
        }

        Assert.Equal(0, bench.Catalog.Resolve("chat").Instance!.Endpoint.Breaker.FailuresInARow);
    }

    private ConversationBench Narrow(FakeChatClient client, int slots, params (string Key, string? Value)[] more) => new(
        [
            ("Providers:a:Type", "openai"), ("Providers:a:Model", "m"), ("Providers:a:MaxConcurrency", $"{slots}"), ("Default", "a"), ("ByMode:chat", "a"),
            .. more,
        ],
        new FakeChatClientFactory(_ => client), _time);

    private static async Task<IReadOnlyList<string>> SentencesAsync(RecordingReplySink sink)
    {
        await sink.Completed;
        return sink.Sentences;
    }

    private static async IAsyncEnumerable<string> SilentAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await Task.Delay(Timeout.Infinite, cancellationToken);
        yield break;
    }

    private static async IAsyncEnumerable<string> SayAsync()
    {
        await Task.Yield();
        yield return "在。";
    }
}
