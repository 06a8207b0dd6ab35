using FastGate.Conversation;
using FastGate.Llm.Calls;
using FastGate.Llm.Catalog;
using FastGate.Llm.Failures;
using FastGate.Llm.Settings;
using FastGate.Testing.Conversation;
using FastGate.Tests.Conversation;

namespace FastGate.Tests.Llm;

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
        (Turn _, RecordingReplySink? sink) = bench.Submit(bench.Dialogue(), "你好");
        await client.Calls.ReachAsync(1);
        _time.Turn(new LlmTimeouts().FirstToken - s_moment);
        Assert.Empty(sink.Events);
        _time.Turn(s_moment);
        Assert.Equal(TurnOutcome.Failed, await sink.Completed);
        Assert.Equal(["系统忙。"], sink.Sentences);
    }

    [Fact]
    public async Task Beginning_without_words_leaves_the_first_token_its_whole_time()
    {
        var steps = new StepStream();
        await using var bench = ConversationBench.With(steps.Client, _time);
        using var counted = new CountedMeasurements(bench.Meter);
        (Turn _, RecordingReplySink? sink) = bench.Submit(bench.Dialogue(), "你好");
        await steps.SayAsync(string.Empty);
        await steps.AskedForMoreAsync();
        _time.Turn(new LlmTimeouts().FirstToken - s_moment);
        Assert.Empty(sink.Events);
        await steps.SayAsync("来了。");
        await sink.Spoken.ReachAsync(1);
        await steps.AskedForMoreAsync();
        _time.Turn(new LlmTimeouts().BetweenTokens);
        Assert.Equal(TurnOutcome.Failed, await sink.Completed);
        Assert.Equal(["来了。"], sink.Sentences);
        Assert.Equal(1, counted["fastgate.conversation.calls fake chat between_tokens_timeout"]);
        Assert.Equal(3_999, counted["fastgate.conversation.first_token fake chat"]);
    }

    [Fact]
    public async Task Thinking_out_of_sight_is_no_silence()
    {
        var steps = new StepStream();
        await using var bench = ConversationBench.With(steps.Client, _time);
        using var counted = new CountedMeasurements(bench.Meter);
        (Turn _, RecordingReplySink? sink) = bench.Submit(bench.Dialogue(), "你好");
        for (int i = 0; i < 5; i++)
        {
            await steps.SayAsync(string.Empty);
            await steps.AskedForMoreAsync();
            _time.Turn(new LlmTimeouts().BetweenTokens - s_moment);
        }

        Assert.Empty(sink.Events);
        _time.Turn(s_moment);
        Assert.Equal(TurnOutcome.Failed, await sink.Completed);
        Assert.Equal(1, counted["fastgate.conversation.calls fake chat first_token_timeout"]);
    }

    [Fact]
    public async Task Silence_between_tokens_ends_at_its_deadline_and_each_token_re_arms_it()
    {
        var steps = new StepStream();
        await using var bench = ConversationBench.With(steps.Client, _time);
        (Turn _, RecordingReplySink? sink) = bench.Submit(bench.Dialogue(), "你好");
        for (int i = 1; i <= 3; i++)
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
        (Turn _, RecordingReplySink? sink) = bench.Submit(bench.Dialogue(), "你好");
        for (int spoken = 1; spoken <= 15; spoken++)
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
        (Turn? turn, RecordingReplySink? sink) = bench.Submit(bench.Dialogue(), "你好");
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
        bool busy = true;
        var client = new FakeChatClient((_, _) => busy ? FakeChatClient.ThrowingAsync(() => Throttled(wait)) : SayAsync());
        await using var bench = ConversationBench.With(client, _time);
        (Turn _, RecordingReplySink? sink) = bench.Submit(bench.Dialogue(), "你好");
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
        await using FakeOpenAiServer server = await FakeOpenAiServer.StartAsync((n, _) =>
            n == 1 ? LlmReply.Fails(429, DateTimeOffset.UtcNow.AddSeconds(3).ToString("R", System.Globalization.CultureInfo.InvariantCulture)) : LlmReply.Says("来了。"));
        await using var bench = new ConversationBench(
            [("Providers:a:Model", "m"), ("Providers:a:BaseUrl", server.Address), ("Default", "a"), ("Timeouts:FirstToken", "9")], time: _time);
        (Turn _, RecordingReplySink? sink) = bench.Submit(bench.Dialogue(), "你好");
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
        bool dead = true;
        var client = new FakeChatClient((_, _) => dead ? Throw() : Say());

        // A first-token time that none of the waits between two probes has: a probe's deadline cannot be mistaken for the wait after it.
        await using var bench = new ConversationBench(
            [("Providers:a:Type", "openai"), ("Providers:a:Model", "m"), ("Default", "a"), ("Timeouts:FirstToken", "3")],
            new FakeChatClientFactory(_ => client), _time);
        for (int i = 0; i < CircuitBreaker.Threshold; i++)
        {
            Assert.Equal(TurnOutcome.Failed, await (await bench.SayAsync("你好")).Completed);
        }

        LlmEndpoint endpoint = bench.Catalog.Resolve("chat").Instance!.Endpoint;
        Assert.True(endpoint.Breaker.IsOpen);
        Assert.Equal("open", bench.Catalog.Explain().First(static row => row.Purpose == "chat").Breaker);

        // Five minutes of outage: every utterance is answered with the error line, none reaches the provider but the probes.
        int before = client.Calls.Value;
        int probes = 0;
        for (TimeSpan elapsed = TimeSpan.Zero; elapsed < TimeSpan.FromMinutes(5);)
        {
            for (int i = 0; i < 5; i++)
            {
                Assert.Equal(["系统忙。"], (await bench.SayAsync("在吗")).Sentences);
            }

            Assert.Equal(before + probes, client.Calls.Value);
            TimeSpan wait = Wait(probes);
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
        for (int i = 1; i <= CircuitBreaker.Threshold * 3; i++)
        {
            (Turn? turn, RecordingReplySink? sink) = bench.Submit(bench.Dialogue(), "你好");
            await silent.Calls.ReachAsync(i);
            bench.Workers.Cancel(turn);
            Assert.Equal(TurnOutcome.Cancelled, await sink.Completed);
        }

        Assert.Equal(0, bench.Catalog.Resolve("chat").Instance!.Endpoint.Breaker.FailuresInARow);

        await using var refusing = ConversationBench.With(FakeChatClient.Failing(static () => new LlmException(LlmFailure.Refused, "bad question") { Status = 400 }), _time);
        for (int i = 0; i < CircuitBreaker.Threshold * 3; i++)
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
        for (int i = 0; i < 10; i++)
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
    public async Task Probe_whose_configuration_was_replaced_asks_before_it_closes_the_breaker()
    {
        bool dead = true;
        var client = new FakeChatClient((_, _) => dead ? FakeChatClient.ThrowingAsync(static () => new HttpRequestException("down")) : SayAsync());
        (string, string?)[] settings = [("Providers:a:Type", "openai"), ("Providers:a:Model", "m"), ("Default", "a"), ("Timeouts:FirstToken", "3")];
        await using var bench = new ConversationBench(settings, new FakeChatClientFactory(_ => client), _time);
        for (int i = 0; i < CircuitBreaker.Threshold; i++)
        {
            await bench.SayAsync("你好");
        }

        LlmEndpoint endpoint = bench.Catalog.Resolve("chat").Instance!.Endpoint;
        bench.Catalog.Apply(ConversationBench.Read([.. settings, ("Providers:a:Temperature", "1")]));
        using (LlmLease replaced = bench.Catalog.Resolve("chat"))
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
        for (int i = 0; i < CircuitBreaker.Threshold; i++)
        {
            await bench.SayAsync("你好");
        }

        int before = client.Calls.Value;
        bench.Catalog.Apply(ConversationBench.Read([("Default", "echo")]));
        await _time.TurnToNextAsync(LlmProbe.FirstWait);
        await BreakerClosedAsync(endpoint);
        Assert.Equal(before, client.Calls.Value);
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
    public void Every_failure_is_sorted()
    {
        foreach (LlmFailure failure in Enum.GetValues<LlmFailure>())
        {
            var inner = new LlmException(failure, "x");
            Assert.Same(inner, LlmFailures.Of(new InvalidOperationException("sdk", inner)));
        }

        Assert.Equal(LlmFailure.Unreachable, LlmFailures.Of(new TaskCanceledException("connect", new TimeoutException())).Failure);
        Assert.Equal(LlmFailure.Garbage, LlmFailures.Of(new System.Text.Json.JsonException("x")).Failure);
        Assert.Equal(LlmFailure.Cut, LlmFailures.Of(new IOException("x")).Failure);
        Assert.Equal(LlmFailure.Unexpected, LlmFailures.Of(new NotSupportedException("x")).Failure);
    }

    private static LlmException Throttled(TimeSpan wait) => new(LlmFailure.Throttled, "later") { RetryAfter = wait };

    private static async IAsyncEnumerable<string> SayAsync()
    {
        await Task.Yield();
        yield return "在。";
    }

    private static async Task BreakerClosedAsync(LlmEndpoint endpoint)
    {
        using var patience = new CancellationTokenSource(CountSignal.Timeout);
        while (endpoint.Breaker.IsOpen)
        {
            await Task.Delay(1, patience.Token);
        }
    }
}
