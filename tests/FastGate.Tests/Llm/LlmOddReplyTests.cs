using System.Text;
using FastGate.Conversation;
using FastGate.Llm.Calls;
using FastGate.Llm.Catalog;
using FastGate.Testing.Conversation;
using FastGate.Tests.Conversation;

namespace FastGate.Tests.Llm;

/// <summary>What odd replies do to the breaker, the fallback and the counters: nothing while they are good, what any failure does when they are errors.</summary>
public sealed class LlmOddReplyTests
{
    private const string Words = """data: {"choices":[{"delta":{"role":"","content":"好的"},"finish_reason":"","index":null}],"created":null,"model":7}""" + "\n\n";
    private const string Error = """data: {"error":{"message":"no capacity","code":"server_error"}}""" + "\n\n";

    [Theory]
    [InlineData("""data: {"choices":[{"delta":{},"finish_reason":"eos"}]}""")]
    [InlineData("data: null\n\ndata: [DONE]")]
    [InlineData("""data: {"choices":[{"delta":{},"finish_reason":"stop"}],"usage":"none"}""")]
    [InlineData("""data: {"choices":[{"delta":{"tool_calls":"none"},"finish_reason":"stop"}],"usage":{"prompt_tokens":"7","completion_tokens":-1}}""")]
    public async Task Good_reply_with_oddities_counts_as_a_success(string end)
    {
        await using FakeOpenAiServer server = await FakeOpenAiServer.StartAsync((_, _) => LlmReply.Garbage(Encoding.UTF8.GetBytes(Words + end)));
        await using FakeOpenAiServer spare = await FakeOpenAiServer.StartAsync(static (_, _) => LlmReply.Says("不该听到。"));
        await using ConversationBench bench = With(server, spare);
        using var counted = new CountedMeasurements(bench.Meter);
        for (int i = 1; i <= 2 * CircuitBreaker.Threshold; i++)
        {
            RecordingReplySink sink = await bench.SayAsync("你好");
            Assert.Equal(["好的"], sink.Sentences);
            Assert.Equal(TurnOutcome.Completed, await sink.Completed);
        }

        Assert.Equal(0, bench.Catalog.Resolve("chat").Instance!.Endpoint.Breaker.FailuresInARow);
        Assert.Equal(0, spare.Requests.Value);
        Assert.Equal(2 * CircuitBreaker.Threshold, counted["fastgate.conversation.calls odd chat none"]);

        // Two estimated tokens for each reply, because the provider names no legible number.
        Assert.Equal(4 * CircuitBreaker.Threshold, counted["fastgate.conversation.tokens odd chat out"]);
        Assert.Equal(0, counted["fastgate.conversation.fallbacks odd chat"]);
    }

    [Theory]
    [InlineData(Error, "我来。")]
    [InlineData(Error + "data: [DONE]\n\n", "我来。")]
    [InlineData(Words + Error, "我来。")]
    [InlineData("""{"error":{"message":"no capacity"}}""", "我来。")]
    public async Task Error_in_a_reply_of_status_200_opens_the_breaker_and_uses_the_fallback(string body, string heard)
    {
        await using FakeOpenAiServer server = await FakeOpenAiServer.StartAsync((_, _) => LlmReply.Garbage(Encoding.UTF8.GetBytes(body)));
        await using FakeOpenAiServer spare = await FakeOpenAiServer.StartAsync(static (_, _) => LlmReply.Says("我来。"));
        await using ConversationBench bench = With(server, spare);
        using var counted = new CountedMeasurements(bench.Meter);
        for (int i = 0; i < CircuitBreaker.Threshold + 2; i++)
        {
            Assert.Equal([heard], (await bench.SayAsync("你好")).Sentences);
        }

        Assert.True(bench.Catalog.Resolve("chat").Instance!.Endpoint.Breaker.IsOpen);
        Assert.Equal(CircuitBreaker.Threshold, counted["fastgate.conversation.calls odd chat refused"]);
        Assert.Equal(CircuitBreaker.Threshold + 2, counted["fastgate.conversation.fallbacks odd chat"]);
    }

    [Fact]
    public async Task Error_after_spoken_words_breaks_the_reply_off()
    {
        string spoken = Words.Replace("好的", "第一句。第二", StringComparison.Ordinal);
        await using FakeOpenAiServer server = await FakeOpenAiServer.StartAsync((_, _) => LlmReply.Garbage(Encoding.UTF8.GetBytes(spoken + Error + "data: [DONE]\n\n")));
        await using FakeOpenAiServer spare = await FakeOpenAiServer.StartAsync(static (_, _) => LlmReply.Says("不该听到。"));
        await using ConversationBench bench = With(server, spare);
        RecordingReplySink sink = await bench.SayAsync("你好");
        Assert.Equal(["mood happy", "say 第一句。", "end Failed"], sink.Events);
        Assert.Equal("第一句。" + Dialogue.InterruptedMark, Assert.Single(bench.Memory.Of("aa:bb")).Assistant);
        Assert.Equal(1, bench.Catalog.Resolve("chat").Instance!.Endpoint.Breaker.FailuresInARow);
        Assert.Equal(0, spare.Requests.Value);
    }

    [Fact]
    public async Task Rejected_request_in_a_reply_of_status_200_does_not_count_against_the_breaker()
    {
        byte[] body = Encoding.UTF8.GetBytes("""data: {"error":{"message":"too long","type":"invalid_request_error","code":"context_length_exceeded"}}""" + "\n\n");
        await using FakeOpenAiServer server = await FakeOpenAiServer.StartAsync((_, _) => LlmReply.Garbage(body));
        await using FakeOpenAiServer spare = await FakeOpenAiServer.StartAsync(static (_, _) => LlmReply.Says("我来。"));
        await using ConversationBench bench = With(server, spare);
        for (int i = 0; i < 2 * CircuitBreaker.Threshold; i++)
        {
            Assert.Equal(["我来。"], (await bench.SayAsync("你好")).Sentences);
        }

        Assert.Equal(0, bench.Catalog.Resolve("chat").Instance!.Endpoint.Breaker.FailuresInARow);
    }

    [Theory]
    [InlineData("""data: {"choices":[{"delta":{"role":"assistant","content":""}}]}""" + "\n\n" + Error, false)]
    [InlineData(Words, true)]
    [InlineData("""data: {"choices":[{"delta":{"reasoning":"hm"}}]}""" + "\n\n" + """data: {"choices":[{"delta":{"reasoning":"hm"}}]}""" + "\n\n" + """data: {"choices":[{"delta":{"reasoning":"hm"}}]}""" + "\n\n", true)]
    public async Task Probe_closes_the_breaker_only_for_a_reply_without_an_error(string probed, bool closes)
    {
        var time = new ManualTimeProvider();
        string body = Error;
        await using FakeOpenAiServer server = await FakeOpenAiServer.StartAsync((_, _) => LlmReply.Garbage(Encoding.UTF8.GetBytes(body)));
        await using FakeOpenAiServer spare = await FakeOpenAiServer.StartAsync(static (_, _) => LlmReply.Says("我来。"));
        await using ConversationBench bench = With(server, spare, time);
        for (int i = 0; i < CircuitBreaker.Threshold; i++)
        {
            await bench.SayAsync("你好");
        }

        CircuitBreaker breaker = bench.Catalog.Resolve("chat").Instance!.Endpoint.Breaker;
        Assert.True(breaker.IsOpen);
        body = probed;
        await time.TurnToNextAsync(LlmProbe.FirstWait);
        await server.Requests.ReachAsync(CircuitBreaker.Threshold + 1);
        if (!closes)
        {
            // The next probe is scheduled, so this one has failed.
            await time.NextDueInAsync(2 * LlmProbe.FirstWait);
        }

        using var timeout = new CancellationTokenSource(CountSignal.Timeout);
        while (closes && breaker.IsOpen)
        {
            await Task.Delay(1, timeout.Token);
        }

        Assert.Equal(!closes, breaker.IsOpen);
    }

    private static ConversationBench With(FakeOpenAiServer odd, FakeOpenAiServer spare, TimeProvider? time = null) => new(
    [
        ("Providers:odd:Model", "m"), ("Providers:odd:BaseUrl", odd.Address), ("Providers:spare:Model", "m"), ("Providers:spare:BaseUrl", spare.Address),
        ("ByMode:chat", "odd"), ("ByMode:default", "spare"), ("Timeouts:FirstToken", "00:00:03"),
    ], time: time);
}
