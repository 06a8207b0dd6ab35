using System.Diagnostics.Metrics;
using FastGate.Conversation;
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
        var (turn, sink) = bench.Submit(bench.Dialogue(), "你好");
        await _time.NextDueInAsync(TimeSpan.FromSeconds(2));
        Assert.Equal(1, client.Calls.Value);
        bench.Workers.Cancel(turn);
        Assert.Equal(TurnOutcome.Cancelled, await sink.Completed);
        Assert.Equal(1, client.Calls.Value);
        Assert.Empty(sink.Sentences);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2_000)]
    [InlineData(4_000)]
    public async Task Retry_after_that_fits_the_first_tokens_time_is_waited_for_and_answered(int milliseconds)
    {
        var wait = TimeSpan.FromMilliseconds(milliseconds);
        var busy = true;
        var client = new FakeChatClient((_, _) => busy ? FakeChatClient.ThrowingAsync(() => Throttled(wait)) : SayAsync());
        await using var bench = ConversationBench.With(client, _time);
        var (_, sink) = bench.Submit(bench.Dialogue(), "你好");
        if (wait > TimeSpan.Zero)
        {
            // Where the wait is as long as the attempt's deadline was, only the second arming is the wait's.
            await _time.Armed.ReachAsync(2);
            await _time.NextDueInAsync(wait);
            _time.Turn(wait - s_moment);
            Assert.Equal(1, client.Calls.Value);
            busy = false;
            _time.Turn(s_moment);
        }

        await client.Calls.ReachAsync(2);
        Assert.Equal(wait > TimeSpan.Zero ? TurnOutcome.Completed : TurnOutcome.Failed, await sink.Completed);
        Assert.Equal(wait > TimeSpan.Zero ? ["在。"] : ["系统忙。"], sink.Sentences);
        Assert.Equal(2, client.Calls.Value);
    }

    [Fact]
    public async Task Retry_after_beyond_the_first_tokens_time_is_not_waited_for()
    {
        var client = FakeChatClient.Failing(static () => Throttled(new LlmTimeouts().FirstToken + s_moment));
        await using var bench = ConversationBench.With(client, _time);
        Assert.Equal(["系统忙。"], (await bench.SayAsync("你好")).Sentences);
        Assert.Equal(1, client.Calls.Value);
    }

    [Fact]
    public async Task Retry_after_as_a_date_is_a_wait_too()
    {
        // The date has seconds only, and the server's own may be one behind: two to four.
        await using var server = await FakeOpenAiServer.StartAsync((n, _) =>
            n == 1 ? LlmReply.Fails(429, DateTimeOffset.UtcNow.AddSeconds(3).ToString("R", System.Globalization.CultureInfo.InvariantCulture)) : LlmReply.Says("来了。"));
        await using var bench = new ConversationBench(
            [("Providers:a:Model", "m"), ("Providers:a:BaseUrl", server.Address), ("Default", "a"), ("Timeouts:FirstToken", "9")], time: _time);
        var (_, sink) = bench.Submit(bench.Dialogue(), "你好");
        await _time.Armed.ReachAsync(2);
        _time.Turn(TimeSpan.FromSeconds(1));
        Assert.Equal(1, server.Requests.Value);
        Assert.Empty(sink.Events);
        _time.Turn(TimeSpan.FromSeconds(3));
        Assert.Equal(TurnOutcome.Completed, await sink.Completed);
        Assert.Equal(2, server.Requests.Value);
    }

    [Fact]
    public async Task Dead_provider_opens_the_breaker_and_costs_nothing_until_a_probe_finds_it_back()
    {
        var dead = true;
        var client = new FakeChatClient((_, _) => dead ? Throw() : Say());

        // A first-token time that none of the waits between two probes has: a probe's deadline cannot be mistaken for the wait after it.
        await using var bench = new ConversationBench(
            [("Providers:a:Type", "openai"), ("Providers:a:Model", "m"), ("Default", "a"), ("Timeouts:FirstToken", "3")],
            new FakeChatClientFactory(_ => client), _time);
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
            await _time.TurnToNextAsync(wait);
            probes++;
            await client.Calls.ReachAsync(before + probes);
            elapsed += wait;
        }

        Assert.InRange(probes, 10, 15);
        dead = false;
        await _time.TurnToNextAsync(Wait(probes));
        await BreakerClosedAsync(endpoint);
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

        // Each of the five has armed its deadline, three of them for a slot.
        await _time.Armed.ReachAsync(armed + 5);
        Assert.Equal(2, client.Calls.Value);

        // Whoever holds a slot and is interrupted makes room for the next.
        foreach (var (turn, sink) in turns)
        {
            bench.Workers.Cancel(turn);
            Assert.Equal(TurnOutcome.Cancelled, await sink.Completed);
        }

        Assert.Equal(2, bench.Catalog.Resolve("chat").Instance!.Endpoint.Server.Slots.CurrentCount);
    }

    [Fact]
    public async Task Waiters_of_a_full_provider_are_served_and_their_first_token_is_timed_from_their_slot()
    {
        var end = new TaskCompletionSource();
        var client = new FakeChatClient((messages, cancellationToken) => messages[^1].Text == "占着" ? NothingAsync(end.Task) : SilentAsync(cancellationToken));
        await using var bench = Narrow(client, 1);
        var (_, first) = bench.Submit(bench.Dialogue("a"), "占着");
        await client.Calls.ReachAsync(1);
        await _time.NextDueInAsync(new LlmTimeouts().FirstToken);
        var armed = _time.Armed.Value;
        var (_, second) = bench.Submit(bench.Dialogue("b"), "等着");
        await _time.Armed.ReachAsync(armed + 1);

        // The slot comes free a moment before the wait for it is over; from then on the provider has its whole time.
        var wait = new LlmTimeouts().FirstToken - s_moment;
        _time.Turn(wait);
        end.SetResult();
        Assert.Equal(TurnOutcome.Failed, await first.Completed);
        await client.Calls.ReachAsync(2);
        _time.Turn(wait);
        Assert.Empty(second.Events);
        _time.Turn(s_moment);
        Assert.Equal(TurnOutcome.Failed, await second.Completed);
        Assert.Equal(1, bench.Catalog.Resolve("chat").Instance!.Endpoint.Breaker.FailuresInARow);

        static async IAsyncEnumerable<string> NothingAsync(Task end)
        {
            await end;
            yield break;
        }
    }

    [Fact]
    public async Task Too_long_a_wait_for_a_slot_never_counts_against_the_breaker()
    {
        var counted = Counted();
        var client = FakeChatClient.Silent();
        await using var bench = Narrow(client, 1, ("Timeouts:FirstToken", "5"), ("Timeouts:Total", "20"));
        using var listener = Listen(bench, counted);
        var (_, sink) = bench.Submit(bench.Dialogue("holder"), "占着");
        await client.Calls.ReachAsync(1);
        _time.Turn(TimeSpan.FromSeconds(1));
        const int Waiters = CircuitBreaker.Threshold * 2;
        var armed = _time.Armed.Value;
        for (var i = 0; i < Waiters; i++)
        {
            bench.Submit(bench.Dialogue("w" + i), "等着");
        }

        await _time.Armed.ReachAsync(armed + Waiters);

        // The holder's own time ends first; one of the waiters follows it, and its time is not over when the others' patience is.
        _time.Turn(TimeSpan.FromSeconds(4));
        Assert.Equal(TurnOutcome.Failed, await sink.Completed);
        await client.Calls.ReachAsync(2);
        _time.Turn(TimeSpan.FromSeconds(1));
        var busy = "fastgate.conversation.calls a chat busy";
        while (counted.GetValueOrDefault(busy) < Waiters - 1)
        {
            await Task.Delay(1);
        }

        var endpoint = bench.Catalog.Resolve("chat").Instance!.Endpoint;
        Assert.Equal((1, false), (endpoint.Breaker.FailuresInARow, endpoint.Breaker.IsOpen));
    }

    [Fact]
    public async Task Breaker_that_opens_while_a_slot_is_waited_for_spares_the_wait()
    {
        var client = FakeChatClient.Silent();
        await using var bench = Narrow(client, 1);
        var (turn, sink) = bench.Submit(bench.Dialogue("a"), "占着");
        await client.Calls.ReachAsync(1);
        var armed = _time.Armed.Value;
        var (_, waiter) = bench.Submit(bench.Dialogue("b"), "等着");
        await _time.Armed.ReachAsync(armed + 1);
        var breaker = bench.Catalog.Resolve("chat").Instance!.Endpoint.Breaker;
        while (!breaker.Failed())
        {
        }

        bench.Workers.Cancel(turn);
        Assert.Equal(["系统忙。"], await SentencesAsync(waiter));
        Assert.Equal(1, client.Calls.Value);
    }

    [Fact]
    public async Task Calls_in_the_background_leave_three_quarters_of_a_provider_to_those_who_talk()
    {
        var client = new FakeChatClient((messages, cancellationToken) => messages[^1].Text == "在吗" ? SayAsync() : SilentAsync(cancellationToken));
        await using var bench = Narrow(client, 8);
        using var stop = new CancellationTokenSource();
        var armed = _time.Armed.Value;
        var summaries = Enumerable.Range(0, 10).Select(_ => bench.Workers.CompleteAsync("memory", "总结", "很长", stop.Token)).ToArray();
        await _time.Armed.ReachAsync(armed + 10);
        await client.Calls.ReachAsync(2);
        var server = bench.Catalog.Resolve("chat").Instance!.Endpoint.Server;
        Assert.Equal((6, 0), (server.Slots.CurrentCount, server.BackgroundSlots.CurrentCount));
        Assert.Equal(["在。"], (await bench.SayAsync("在吗")).Sentences);

        stop.Cancel();
        Assert.All(await Task.WhenAll(summaries), Assert.Null);
        Assert.Equal((8, 2), (server.Slots.CurrentCount, server.BackgroundSlots.CurrentCount));
        Assert.Equal(3, client.Calls.Value);
    }

    [Fact]
    public async Task Slow_summaries_have_a_time_of_their_own_and_open_no_breaker()
    {
        var client = FakeChatClient.Silent();
        await using var bench = ConversationBench.With(client, _time);
        for (var i = 1; i <= CircuitBreaker.Threshold * 2; i++)
        {
            var summary = bench.Workers.CompleteAsync("memory", "总结", "很长", CancellationToken.None);
            await client.Calls.ReachAsync(i);
            _time.Turn(new LlmTimeouts().Total - s_moment);
            Assert.False(summary.IsCompleted);
            _time.Turn(s_moment);
            Assert.Null(await summary.WaitAsync(CountSignal.Patience));
        }

        Assert.Equal(0, bench.Catalog.Resolve("chat").Instance!.Endpoint.Breaker.FailuresInARow);
    }

    [Fact]
    public async Task Probe_whose_configuration_was_replaced_asks_before_it_closes_the_breaker()
    {
        var dead = true;
        var client = new FakeChatClient((_, _) => dead ? FakeChatClient.ThrowingAsync(static () => new HttpRequestException("down")) : SayAsync());
        (string, string?)[] settings = [("Providers:a:Type", "openai"), ("Providers:a:Model", "m"), ("Default", "a"), ("Timeouts:FirstToken", "3")];
        await using var bench = new ConversationBench(settings, new FakeChatClientFactory(_ => client), _time);
        for (var i = 0; i < CircuitBreaker.Threshold; i++)
        {
            await bench.SayAsync("你好");
        }

        var endpoint = bench.Catalog.Resolve("chat").Instance!.Endpoint;
        bench.Catalog.Apply(ConversationBench.Read([.. settings, ("Providers:a:Temperature", "1")]));
        using (var replaced = bench.Catalog.Resolve("chat"))
        {
            Assert.Same(endpoint, replaced.Instance!.Endpoint);
        }

        await _time.TurnToNextAsync(LlmProbe.FirstWait);
        await client.Calls.ReachAsync(CircuitBreaker.Threshold + 1);
        await _time.NextDueInAsync(2 * LlmProbe.FirstWait);
        Assert.True(endpoint.Breaker.IsOpen);
        dead = false;
        await _time.TurnToNextAsync(2 * LlmProbe.FirstWait);
        await BreakerClosedAsync(endpoint);

        // Where nothing leads any more there is nothing to ask.
        dead = true;
        for (var i = 0; i < CircuitBreaker.Threshold; i++)
        {
            await bench.SayAsync("你好");
        }

        var before = client.Calls.Value;
        bench.Catalog.Apply(ConversationBench.Read([("Default", "echo")]));
        await _time.TurnToNextAsync(LlmProbe.FirstWait);
        await BreakerClosedAsync(endpoint);
        Assert.Equal(before, client.Calls.Value);
    }

    [Fact]
    public async Task Tokens_that_arrive_after_the_interruption_are_counted_as_such()
    {
        var counted = Counted();
        var interrupted = new TaskCompletionSource();
        var client = new FakeChatClient((_, _) => TalkOnAsync());
        await using var bench = ConversationBench.With(client);
        using var listener = Listen(bench, counted);
        var (turn, sink) = bench.Submit(bench.Dialogue(), "你好");
        await sink.Spoken.ReachAsync(1);
        sink.Leave();
        interrupted.SetResult();
        Assert.Equal(TurnOutcome.Cancelled, await sink.Completed);
        Assert.Equal(["听到了。"], sink.Sentences);

        // Two pieces were already on their way; the client minds the token only then.
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
    public async Task Queue_depth_wait_and_turns_in_progress_are_told()
    {
        var counted = Counted();
        var client = FakeChatClient.Silent();
        await using var bench = ConversationBench.With(client, _time, new ConversationWorkerOptions { Concurrency = 1, Queue = 10 });
        using var listener = Listen(bench, counted);
        var (turn, sink) = bench.Submit(bench.Dialogue("a"), "占着");
        await client.Calls.ReachAsync(1);
        var waiting = Enumerable.Range(0, 3).Select(i => bench.Submit(bench.Dialogue("w" + i), "等着")).ToArray();
        listener.RecordObservableInstruments();
        Assert.Equal((3, 1), (counted["fastgate.conversation.queue.depth "], counted["fastgate.conversation.in_flight "]));

        _time.Turn(TimeSpan.FromSeconds(2));
        bench.Workers.Cancel(turn);
        await sink.Completed;
        await client.Calls.ReachAsync(2);
        listener.RecordObservableInstruments();
        Assert.Equal((2, 1), (counted["fastgate.conversation.queue.depth "], counted["fastgate.conversation.in_flight "]));

        // The first waited for nothing, the second for two seconds.
        Assert.Equal(2_000, counted["fastgate.conversation.queue.wait "]);
        foreach (var (other, _) in waiting)
        {
            bench.Workers.Cancel(other);
        }

        await Task.WhenAll(waiting.Select(static other => other.Sink.Completed));
        await bench.Workers.DrainAsync(CancellationToken.None).WaitAsync(CountSignal.Patience);
        listener.RecordObservableInstruments();
        Assert.Equal((0, 0), (counted["fastgate.conversation.queue.depth "], counted["fastgate.conversation.in_flight "]));
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
        var counted = Counted();
        await using var server = await FakeOpenAiServer.StartAsync((_, _) => LlmReply.Says("一", "二", "三。"));
        await using var bench = ConversationBench.At(server, ("ByMode:working", "real"));
        using var listener = Listen(bench, counted);

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

    private static System.Collections.Concurrent.ConcurrentDictionary<string, long> Counted() => new();

    /// <summary>Sums of counters by name and tags, times in milliseconds, and gauges as they were last.</summary>
    private static MeterListener Listen(ConversationBench bench, System.Collections.Concurrent.ConcurrentDictionary<string, long> counted)
    {
        var listener = new MeterListener
        {
            InstrumentPublished = (instrument, self) =>
            {
                if (ReferenceEquals(instrument.Meter, bench.Meter))
                {
                    self.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Note(instrument, value, tags));
        listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => Note(instrument, value, tags));
        listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Note(instrument, (long)Math.Round(value * 1_000), tags));
        listener.Start();
        return listener;

        void Note(Instrument instrument, long value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            var key = instrument.Name + " " + string.Join(' ', tags.ToArray().Select(static tag => tag.Value));
            counted.AddOrUpdate(key, value, (_, sum) => instrument.IsObservable ? value : sum + value);
        }
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

    private static LlmException Throttled(TimeSpan wait) => new(LlmFailure.Throttled, "later") { RetryAfter = wait };

    private static async IAsyncEnumerable<string> SilentAsync([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await Task.Delay(Timeout.Infinite, cancellationToken);
        yield break;
    }

    private static async IAsyncEnumerable<string> SayAsync()
    {
        await Task.Yield();
        yield return "在。";
    }

    private static async Task BreakerClosedAsync(LlmEndpoint endpoint)
    {
        using var patience = new CancellationTokenSource(CountSignal.Patience);
        while (endpoint.Breaker.IsOpen)
        {
            await Task.Delay(1, patience.Token);
        }
    }
}
