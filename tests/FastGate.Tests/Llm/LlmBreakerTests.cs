using FastGate.Conversation;
using FastGate.Llm.Calls;
using FastGate.Llm.Catalog;
using FastGate.Llm.Failures;
using FastGate.Testing.Conversation;
using FastGate.Tests.Conversation;

namespace FastGate.Tests.Llm;

/// <summary>The breaker of a failed provider, its probe, and the fallback.</summary>
public sealed class LlmBreakerTests
{
    private readonly ManualTimeProvider _time = new();

    [Fact]
    public async Task Failed_provider_is_not_called_until_a_probe_succeeds()
    {
        bool dead = true;
        var client = new FakeChatClient((_, _) => dead ? Throw() : Say());

        // A first-token timeout that differs from all waits between probes, so that the two kinds of timers can be distinguished.
        await using var bench = new ConversationBench(
            [("Providers:a:Type", "openai"), ("Providers:a:Model", "m"), ("Default", "a"), ("Timeouts:FirstToken", "00:00:03")],
            new FakeChatClientFactory(_ => client), _time);
        for (int i = 0; i < CircuitBreaker.Threshold; i++)
        {
            Assert.Equal(TurnOutcome.Failed, await (await bench.SayAsync("你好")).Completed);
        }

        LlmEndpoint endpoint = bench.Catalog.Resolve("chat").Instance!.Endpoint;
        Assert.True(endpoint.Breaker.IsOpen);
        Assert.Equal("open", bench.Catalog.Explain().First(static row => row.Purpose == "chat").Breaker);

        // Five minutes of outage: every utterance gets the error line, and only probes reach the provider.
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
    public async Task Cancelled_and_rejected_calls_do_not_count_against_the_breaker()
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
    public async Task Open_breaker_uses_the_fallback_at_once()
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
    [InlineData("a", "b", "c", "b。")]
    [InlineData("a", "a", "c", "c。")]
    [InlineData("a", null, "c", "c。")]
    [InlineData("a", "b", null, "b。")]
    [InlineData("a", "x", "c", "c。")]
    [InlineData("a", "x", null, "系统忙。")]
    [InlineData("a", "echo", "echo", "系统忙。")]
    public async Task Fallback_is_the_default_entry_and_then_the_explicit_default(string chat, string? entry, string? chosen, string heard)
    {
        (string, string?)[] providers = [.. "abcx".SelectMany(static name => ((string, string?)[])[($"Providers:{name}:Type", "openai"), ($"Providers:{name}:Model", $"{name}")])];
        await using var bench = new ConversationBench(
            [.. providers, ("ByMode:chat", chat), ("ByMode:default", entry), ("Default", chosen)],
            new FakeChatClientFactory(static settings => settings.Model is "a" or "x"
                ? FakeChatClient.Failing(static () => new HttpRequestException("down"))
                : FakeChatClient.Saying(settings.Model + "。")),
            _time);
        Assert.Equal([heard], (await bench.SayAsync("你好。")).Sentences);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("echo")]
    public async Task Built_in_echo_never_replaces_a_model(string? chosen)
    {
        await using var bench = new ConversationBench(
            [("Providers:a:BaseUrl", "http://127.0.0.1:1"), ("Providers:a:Model", "m"), ("ByMode:default", "a"), ("Default", chosen)]);
        Assert.Equal(["系统忙。"], (await bench.SayAsync("你好。")).Sentences);
        Assert.Null(await bench.Workers.CompleteAsync("memory", "总结", "我叫小明", CancellationToken.None));
    }

    [Fact]
    public async Task Probe_continues_after_a_reload_and_ends_when_its_endpoint_is_removed()
    {
        bool dead = true;
        var client = new FakeChatClient((_, _) => dead ? FakeChatClient.ThrowingAsync(static () => new HttpRequestException("down")) : SayAsync());
        (string, string?)[] settings = [("Providers:a:Type", "openai"), ("Providers:a:Model", "m"), ("Default", "a"), ("Timeouts:FirstToken", "00:00:03")];
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

        // The configuration no longer uses the endpoint: the probe ends.
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

    private static async Task BreakerClosedAsync(LlmEndpoint endpoint)
    {
        using var timeout = new CancellationTokenSource(CountSignal.Timeout);
        while (endpoint.Breaker.IsOpen)
        {
            await Task.Delay(1, timeout.Token);
        }
    }

    private static async IAsyncEnumerable<string> SayAsync()
    {
        await Task.Yield();
        yield return "在。";
    }
}
