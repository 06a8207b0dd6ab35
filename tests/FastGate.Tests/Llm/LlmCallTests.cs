using FastGate.Conversation;
using FastGate.Llm.Failures;
using FastGate.Llm.Settings;
using FastGate.Testing.Conversation;
using FastGate.Tests.Conversation;

namespace FastGate.Tests.Llm;

/// <summary>Timeouts, retries and failures of a call, on a manual clock.</summary>
public sealed class LlmCallTests
{
    private static readonly TimeSpan s_moment = TimeSpan.FromMilliseconds(1);

    private readonly ManualTimeProvider _time = new();

    [Fact]
    public async Task Call_without_a_first_token_times_out()
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
    public async Task Update_without_text_does_not_shorten_the_first_token_timeout()
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
    public async Task Updates_without_text_do_not_restart_the_first_token_timeout()
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
    public async Task Each_token_restarts_the_timeout_between_tokens()
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
    public async Task Endless_reply_ends_at_the_total_timeout()
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
    public async Task Cancelled_retry_wait_ends_the_turn()
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
    public async Task Retry_after_within_the_first_token_timeout_is_retried(int milliseconds)
    {
        var wait = TimeSpan.FromMilliseconds(milliseconds);
        bool busy = true;
        var client = new FakeChatClient((_, _) => busy ? FakeChatClient.ThrowingAsync(() => Throttled(wait)) : SayAsync());
        await using var bench = ConversationBench.With(client, _time);
        (Turn _, RecordingReplySink? sink) = bench.Submit(bench.Dialogue(), "你好");
        if (wait > TimeSpan.Zero)
        {
            // When the wait is as long as the attempt's timeout, only the second armed timer is the wait.
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
    public async Task Retry_after_beyond_the_first_token_timeout_is_not_retried()
    {
        var client = FakeChatClient.Failing(static () => Throttled(new LlmTimeouts().FirstToken + s_moment));
        await using var bench = ConversationBench.With(client, _time);
        Assert.Equal(["系统忙。"], (await bench.SayAsync("你好")).Sentences);
        Assert.Equal(1, client.Calls.Value);
    }

    [Fact]
    public async Task Retry_after_as_a_date_is_retried()
    {
        // The date is in whole seconds and the server's may be one behind: two to four seconds.
        await using FakeOpenAiServer server = await FakeOpenAiServer.StartAsync((n, _) =>
            n == 1 ? LlmReply.Fails(429, DateTimeOffset.UtcNow.AddSeconds(3).ToString("R", System.Globalization.CultureInfo.InvariantCulture)) : LlmReply.Says("来了。"));
        await using var bench = new ConversationBench(
            [("Providers:a:Model", "m"), ("Providers:a:BaseUrl", server.Address), ("Default", "a"), ("Timeouts:FirstToken", "00:00:09")], time: _time);
        (Turn _, RecordingReplySink? sink) = bench.Submit(bench.Dialogue(), "你好");
        await _time.Armed.ReachAsync(2);
        _time.Turn(TimeSpan.FromSeconds(1));
        Assert.Equal(1, server.Requests.Value);
        Assert.Empty(sink.Events);
        _time.Turn(TimeSpan.FromSeconds(3));
        Assert.Equal(TurnOutcome.Completed, await sink.Completed);
        Assert.Equal(2, server.Requests.Value);
    }

    [Theory]
    [InlineData("")]
    [InlineData("  \n ")]
    [InlineData("<think>只想不说</think>")]
    public async Task Reply_without_words_gets_the_error_line(string reply)
    {
        await using var bench = ConversationBench.With(FakeChatClient.Saying(reply));
        Assert.Equal(["mood happy", "say 系统忙。", "end Failed"], (await bench.SayAsync("你好")).Events);
    }

    [Fact]
    public async Task Reply_of_an_emoji_alone_is_an_emotion()
    {
        await using var bench = ConversationBench.With(FakeChatClient.Saying("😭"));
        Assert.Equal(["mood crying", "end Completed"], (await bench.SayAsync("你好")).Events);
    }

    [Fact]
    public void Exceptions_are_classified()
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
}
