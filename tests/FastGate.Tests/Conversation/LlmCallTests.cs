using System.Diagnostics.Metrics;
using FastGate.Conversation;
using FastGate.Diagnostics;
using FastGate.Options;
using FastGate.Testing.Conversation;

namespace FastGate.Tests.Conversation;

/// <summary>Deadlines, breaker, slots and counts of a call, with time turned by hand.</summary>
public sealed class LlmCallTests
{
    private static readonly TimeSpan s_moment = TimeSpan.FromMilliseconds(1);

    private readonly ManualTimeProvider _time = new();

    [Fact]
    public async Task Silence_before_the_first_token_ends_at_its_deadline()
    {
        var client = FakeChatClient.Silent();
        await using var bench = ConversationBench.With(client, _time);
        var (_, sink) = bench.Submit(bench.Dialogue(), "你好");
        await client.Calls.ReachAsync(1);
        _time.Turn(new LlmTimeouts().FirstToken - s_moment);
        Assert.Empty(sink.Events);
        _time.Turn(s_moment);
        Assert.Equal(TurnOutcome.Failed, await sink.Completed);
        Assert.Equal(["系统忙。"], sink.Sentences);
    }

    [Fact]
    public async Task Silence_between_tokens_ends_at_its_deadline_and_each_token_re_arms_it()
    {
        var steps = new StepStream();
        await using var bench = ConversationBench.With(steps.Client, _time);
        var (_, sink) = bench.Submit(bench.Dialogue(), "你好");
        for (var i = 1; i <= 3; i++)
        {
            await steps.SayAsync("又一句。");
            await sink.Spoken.ReachAsync(i);
            await steps.AskedForMoreAsync();
            _time.Turn(new LlmTimeouts().BetweenTokens - s_moment);
        }

        Assert.DoesNotContain(sink.Events, static e => e.StartsWith("end", StringComparison.Ordinal));
        _time.Turn(s_moment);
        Assert.Equal(TurnOutcome.Failed, await sink.Completed);
        Assert.Equal(["又一句。", "又一句。", "又一句。"], sink.Sentences);
    }

    [Fact]
    public async Task Endless_reply_ends_at_the_total()
    {
        var steps = new StepStream();
        await using var bench = ConversationBench.With(steps.Client, _time);
        var (_, sink) = bench.Submit(bench.Dialogue(), "你好");
        for (var spoken = 1; spoken <= 15; spoken++)
        {
            await steps.SayAsync("又一句。");
            await sink.Spoken.ReachAsync(spoken);
            await steps.AskedForMoreAsync();
            _time.Turn(TimeSpan.FromSeconds(2));
        }

        Assert.Equal(TurnOutcome.Failed, await sink.Completed);
        Assert.Equal(15, sink.Sentences.Count);
    }

    [Fact]
    public async Task Retry_after_is_waited_for_and_a_cancelled_wait_ends_the_turn()
    {
        var client = FakeChatClient.Failing(static () => new LlmException(LlmFailure.Throttled, "later") { RetryAfter = TimeSpan.FromSeconds(2) });
        await using var bench = ConversationBench.With(client, _time);
        var armed = _time.Armed.Value;
        var (turn, sink) = bench.Submit(bench.Dialogue(), "你好");

        // The attempt's own deadline, then the wait.
        await _time.Armed.ReachAsync(armed + 2);
        Assert.Equal(1, client.Calls.Value);
        bench.Workers.Cancel(turn);
        Assert.Equal(TurnOutcome.Cancelled, await sink.Completed);
        Assert.Equal(1, client.Calls.Value);
        Assert.Empty(sink.Sentences);
    }

    [Fact]
    public async Task Dead_provider_opens_the_breaker_and_costs_nothing_until_a_probe_finds_it_back()
    {
        var dead = true;
        var client = new FakeChatClient((_, _) => dead ? Throw() : Say());
        await using var bench = ConversationBench.With(client, _time);
        for (var i = 0; i < CircuitBreaker.Threshold; i++)
        {
            Assert.Equal(TurnOutcome.Failed, await (await bench.SayAsync("你好")).Completed);
        }

        var endpoint = bench.Catalog.Resolve("chat").Instance!.Endpoint;
        Assert.True(endpoint.Breaker.IsOpen);
        Assert.Equal("open", bench.Catalog.Explain().First(static row => row.Purpose == "chat").Breaker);

        // Five minutes of outage: every utterance is answered with the error line, none reaches the provider but the probes.
        var before = client.Calls.Value;
        var probes = 0;
        for (var elapsed = TimeSpan.Zero; elapsed < TimeSpan.FromMinutes(5);)
        {
            for (var i = 0; i < 5; i++)
            {
                Assert.Equal(["系统忙。"], (await bench.SayAsync("在吗")).Sentences);
            }

            Assert.Equal(before + probes, client.Calls.Value);
            var wait = Wait(probes);
            await NextProbeArmedAsync(wait);
            _time.Turn(wait);
            probes++;
            await client.Calls.ReachAsync(before + probes);
            elapsed += wait;
        }

        Assert.InRange(probes, 10, 15);
        dead = false;
        await NextProbeArmedAsync(Wait(probes));
        _time.Turn(Wait(probes));
        await client.Calls.ReachAsync(before + probes + 1);
        await WaitUntil(() => !endpoint.Breaker.IsOpen);
        Assert.Equal(["我回来了。"], (await bench.SayAsync("在吗")).Sentences);

        static TimeSpan Wait(int probe) => TimeSpan.FromSeconds(Math.Min(2 * Math.Pow(2, probe), 30));

        static async IAsyncEnumerable<string> Throw()
        {
            await Task.Yield();
            throw new HttpRequestException("down");
#pragma warning disable CS0162 // Makes it an iterator.
            yield break;
#pragma warning restore CS0162
        }

        static async IAsyncEnumerable<string> Say()
        {
            await Task.Yield();
            yield return "我回来了。";
        }
    }

    [Fact]
    public async Task Cancelled_calls_and_refused_questions_never_count_against_the_breaker()
    {
        var silent = FakeChatClient.Silent();
        await using var bench = ConversationBench.With(silent, _time);
        for (var i = 1; i <= CircuitBreaker.Threshold * 3; i++)
        {
            var (turn, sink) = bench.Submit(bench.Dialogue(), "你好");
            await silent.Calls.ReachAsync(i);
            bench.Workers.Cancel(turn);
            Assert.Equal(TurnOutcome.Cancelled, await sink.Completed);
        }

        Assert.Equal(0, bench.Catalog.Resolve("chat").Instance!.Endpoint.Breaker.FailuresInARow);

        await using var refusing = ConversationBench.With(FakeChatClient.Failing(static () => new LlmException(LlmFailure.Refused, "bad question") { Status = 400 }), _time);
        for (var i = 0; i < CircuitBreaker.Threshold * 3; i++)
        {
            await refusing.SayAsync("你好");
        }

        Assert.Equal(0, refusing.Catalog.Resolve("chat").Instance!.Endpoint.Breaker.FailuresInARow);
    }

    [Fact]
    public async Task Open_breaker_leads_straight_to_the_fallback()
    {
        var dead = FakeChatClient.Failing(static () => new HttpRequestException("down"));
        var well = FakeChatClient.Saying("我来。");
        await using var bench = new ConversationBench(
            [
                ("Providers:a:Type", "openai"), ("Providers:a:Model", "dead"), ("Providers:b:Type", "openai"), ("Providers:b:Model", "well"),
                ("ByMode:chat", "a"), ("Default", "b"),
            ], new FakeChatClientFactory(settings => settings.Model == "dead" ? dead : well), _time);
        for (var i = 0; i < 10; i++)
        {
            Assert.Equal(["我来。"], (await bench.SayAsync("你好")).Sentences);
        }

        Assert.Equal(CircuitBreaker.Threshold, dead.Calls.Value);
        Assert.Equal(10, well.Calls.Value);
    }

    [Theory]
    [InlineData(null, "系统忙。")]
    [InlineData("echo", "你好。")]
    public async Task Built_in_echo_stands_in_for_a_failed_provider_only_where_the_operator_chose_it(string? chosen, string heard)
    {
        await using var bench = new ConversationBench(
            [("Providers:a:BaseUrl", "http://127.0.0.1:1"), ("Providers:a:Model", "m"), ("ByMode:default", "a"), ("Default", chosen)]);
        Assert.Equal([heard], (await bench.SayAsync("你好。")).Sentences);
        Assert.Null(await bench.Workers.CompleteAsync("memory", "总结", "我叫小明", CancellationToken.None));
    }

    [Fact]
    public async Task Provider_bears_no_more_calls_at_once_than_it_is_configured_for()
    {
        var client = FakeChatClient.Silent();
        await using var bench = new ConversationBench(
            [("Providers:a:Type", "openai"), ("Providers:a:Model", "m"), ("Providers:a:MaxConcurrency", "2"), ("Default", "a")],
            new FakeChatClientFactory(_ => client), _time);
        var armed = _time.Armed.Value;
        var turns = Enumerable.Range(0, 5).Select(i => bench.Submit(bench.Dialogue("d" + i), "你好")).ToArray();
        await client.Calls.ReachAsync(2);
        await _time.Armed.ReachAsync(armed + 5);
        Assert.Equal(2, client.Calls.Value);

        // Whoever holds a slot and is interrupted makes room for the next.
        foreach (var (turn, sink) in turns)
        {
            bench.Workers.Cancel(turn);
            Assert.Equal(TurnOutcome.Cancelled, await sink.Completed);
        }

        Assert.Equal(2, bench.Catalog.Resolve("chat").Instance!.Endpoint.Slots.CurrentCount);
    }

    [Theory]
    [InlineData("")]
    [InlineData("  \n ")]
    [InlineData("<think>只想不说</think>")]
    public async Task Reply_without_words_is_answered_with_the_error_line(string reply)
    {
        await using var bench = ConversationBench.With(FakeChatClient.Saying(reply));
        Assert.Equal(["mood happy", "say 系统忙。", "end Failed"], (await bench.SayAsync("你好")).Events);
    }

    [Fact]
    public async Task Reply_of_a_picture_alone_is_a_mood()
    {
        await using var bench = ConversationBench.With(FakeChatClient.Saying("😭"));
        Assert.Equal(["mood crying", "end Completed"], (await bench.SayAsync("你好")).Events);
    }

    [Fact]
    public async Task Tokens_and_outcomes_are_counted_by_provider_and_purpose()
    {
        var counted = new System.Collections.Concurrent.ConcurrentDictionary<string, long>();
        using var listener = new MeterListener();
        await using var server = await FakeOpenAiServer.StartAsync((_, _) => LlmReply.Says("一", "二", "三。"));
        await using var bench = ConversationBench.At(server, ("ByMode:working", "real"));
        listener.InstrumentPublished = (instrument, l) =>
        {
            if (instrument.Meter.Name == GatewayMeter.Name && instrument.Meter.Scope is not null)
            {
                l.EnableMeasurementEvents(instrument, bench.Metrics);
            }
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) =>
        {
            var key = instrument.Name + " " + string.Join(' ', tags.ToArray().Select(static tag => tag.Value));
            counted.AddOrUpdate(key, value, (_, sum) => sum + value);
        });
        listener.Start();

        await bench.SayAsync("你好", purpose: "working");
        await bench.SayAsync("你好", purpose: "made-up-by-a-device");

        Assert.True(counted["fastgate.conversation.tokens real working in"] >= 11);
        Assert.True(counted["fastgate.conversation.tokens real working out"] >= 3);
        Assert.Equal(1, counted["fastgate.conversation.calls real other none"]);
        Assert.Equal(1, counted["fastgate.conversation.turns completed working"]);
    }

    [Fact]
    public void Every_failure_is_sorted()
    {
        foreach (var failure in Enum.GetValues<LlmFailure>())
        {
            var inner = new LlmException(failure, "x");
            Assert.Same(inner, LlmFailures.Of(new InvalidOperationException("sdk", inner)));
        }

        Assert.Equal(LlmFailure.Unreachable, LlmFailures.Of(new TaskCanceledException("connect", new TimeoutException())).Failure);
        Assert.Equal(LlmFailure.Garbage, LlmFailures.Of(new System.Text.Json.JsonException("x")).Failure);
        Assert.Equal(LlmFailure.Cut, LlmFailures.Of(new IOException("x")).Failure);
        Assert.Equal(LlmFailure.Unexpected, LlmFailures.Of(new NotSupportedException("x")).Failure);
    }

    /// <summary>The probe re-arms its timer after it has seen its answer; both happen on the workers.</summary>
    private Task NextProbeArmedAsync(TimeSpan wait) => WaitUntil(() => _time.NextDue - _time.GetUtcNow() == wait);

    private static async Task WaitUntil(Func<bool> condition)
    {
        using var patience = new CancellationTokenSource(CountSignal.Patience);
        while (!condition())
        {
            patience.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }
}
