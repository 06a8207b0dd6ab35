using System.Text.Json;
using FastGate.Conversation;
using FastGate.Llm.Settings;
using FastGate.Testing.Conversation;
using FastGate.Tests.Conversation;

namespace FastGate.Tests.Llm;

/// <summary>Calls to real HTTP servers: requests, retries and cancellation.</summary>
public sealed class ProviderTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Reply_is_streamed_sentence_by_sentence(bool anthropic)
    {
        await using FakeLlmServer server = await StartAsync(anthropic, (_, _) => LlmReply.Says("😊你好", "，我是", "小智。", "今天**天气**很好！", "再见"));
        await using var bench = ConversationBench.At(server);

        RecordingReplySink sink = await bench.SayAsync("你好");

        Assert.Equal(["mood happy", "say 你好，", "say 我是小智。", "say 今天天气很好！", "say 再见", "end Completed"], sink.Events);
        FakeLlmRequest request = Assert.Single(server.Received);
        Assert.Equal("你好", request.LastUser);
        Assert.Equal(anthropic ? "k" : "Bearer k", request.Credential);
        Assert.Equal(anthropic ? "/v1/messages" : "/v1/chat/completions", request.Path);
    }

    [Theory]
    [InlineData("", "/v1/chat/completions")]
    [InlineData("/", "/v1/chat/completions")]
    [InlineData("/v1", "/v1/chat/completions")]
    [InlineData("/v1/", "/v1/chat/completions")]
    [InlineData("/api/paas/v4/", "/api/paas/v4/chat/completions")]
    [InlineData("/v1/chat/completions", "/v1/chat/completions")]
    [InlineData("/v1/completions", "/v1/chat/completions")]
    [InlineData("/v1/models", "/v1/chat/completions")]
    [InlineData("/api/chat", "/v1/chat/completions")]
    [InlineData("/ollama/api/generate", "/ollama/v1/chat/completions")]
    [InlineData("/api", "/api/chat/completions")]
    public async Task Base_url_may_have_any_common_form(string suffix, string path)
    {
        await using FakeLlmServer server = await StartAsync(false, (_, _) => LlmReply.Says("好。"));
        await using var bench = ConversationBench.At(server, ("Providers:real:BaseUrl", server.Address + suffix));
        await bench.SayAsync("你好");
        Assert.Equal(path, Assert.Single(server.Received).Path);
    }

    [Fact]
    public async Task Settings_reach_the_server()
    {
        await using FakeLlmServer server = await StartAsync(false, (_, _) => LlmReply.Says("好。"));
        await using var bench = ConversationBench.At(server, ("ByMode:chat:alias", "real"), ("ByMode:chat:temperature", "0.5"),
            ("ByMode:chat:max_tokens", "77"), ("ByMode:chat:top_p", "0.25"), ("ByMode:chat:frequency_penalty", "1"), ("ByMode:chat:model_name", "other"));
        await bench.SayAsync("你好");
        JsonElement body = Assert.Single(server.Received).Body;
        Assert.Equal(0.5, body.GetProperty("temperature").GetDouble());
        Assert.Equal(77, body.GetProperty("max_tokens").GetInt32());
        Assert.Equal(0.25, body.GetProperty("top_p").GetDouble());
        Assert.Equal(1, body.GetProperty("frequency_penalty").GetDouble());
        Assert.Equal("other", body.GetProperty("model").GetString());
        Assert.True(body.GetProperty("stream").GetBoolean());
    }

    [Theory]
    [InlineData(false, 401)]
    [InlineData(false, 429)]
    [InlineData(false, 500)]
    [InlineData(true, 401)]
    [InlineData(true, 529)]
    public async Task Error_status_gets_the_error_line_and_no_retry(bool anthropic, int status)
    {
        await using FakeLlmServer server = await StartAsync(anthropic, (_, _) => LlmReply.Fails(status));
        await using var bench = ConversationBench.At(server);
        RecordingReplySink sink = await bench.SayAsync("你好");
        Assert.Equal(["mood happy", "say 系统忙。", "end Failed"], sink.Events);
        Assert.Equal(1, server.Requests.Value);
        Assert.Empty(bench.Memory.Of("aa:bb"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Retry_after_is_retried_once(bool anthropic)
    {
        await using FakeLlmServer server = await StartAsync(anthropic, (n, _) => n == 1 ? LlmReply.Fails(429, "0") : LlmReply.Says("来了。"));
        await using var bench = ConversationBench.At(server);
        RecordingReplySink sink = await bench.SayAsync("你好");
        Assert.Equal(["来了。"], sink.Sentences);
        Assert.Equal(2, server.Requests.Value);
    }

    [Fact]
    public async Task Retry_after_beyond_the_timeout_uses_the_fallback()
    {
        await using FakeLlmServer server = await StartAsync(false, (_, _) => LlmReply.Fails(429, "60"));
        await using FakeLlmServer spare = await StartAsync(false, (_, _) => LlmReply.Says("我来。"));
        await using var bench = ConversationBench.At(spare, ("Providers:busy:BaseUrl", server.Address), ("Providers:busy:Model", "m"), ("ByMode:chat", "busy"));
        RecordingReplySink sink = await bench.SayAsync("你好");
        Assert.Equal(["我来。"], sink.Sentences);
        Assert.Equal((1, 1), (server.Requests.Value, spare.Requests.Value));
    }

    [Fact]
    public async Task Call_sends_at_most_three_requests()
    {
        await using FakeLlmServer server = await StartAsync(false, (_, _) => LlmReply.Fails(503, "0"));
        await using FakeLlmServer spare = await StartAsync(false, (_, _) => LlmReply.Fails(503, "0"));
        await using var bench = ConversationBench.At(spare, ("Providers:busy:BaseUrl", server.Address), ("Providers:busy:Model", "m"), ("ByMode:chat", "busy"));
        RecordingReplySink sink = await bench.SayAsync("你好");
        Assert.Equal(["系统忙。"], sink.Sentences);
        Assert.Equal((2, 1), (server.Requests.Value, spare.Requests.Value));
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public async Task Cancellation_closes_the_connection_to_the_provider(bool anthropic, bool afterText)
    {
        await using FakeLlmServer server = await StartAsync(anthropic, (_, _) => afterText ? LlmReply.Stalls("第一句。") : LlmReply.Silent());
        await using var bench = ConversationBench.At(server);
        (Turn? turn, RecordingReplySink? sink) = bench.Submit(bench.Dialogue(), "你好");
        await server.Requests.ReachAsync(1);
        if (afterText)
        {
            await sink.Spoken.ReachAsync(1);
        }

        bench.Workers.Cancel(turn);

        Assert.Equal(TurnOutcome.Cancelled, await sink.Completed);
        await server.Gone.ReachAsync(1);
        Assert.Equal(
            (afterText ? "第一句。" : "") + FastGate.Conversation.Dialogue.InterruptedMark, Assert.Single(bench.Memory.Of("aa:bb")).Assistant);
    }

    [Fact]
    public async Task Endless_reply_ends_when_a_cancellation_is_requested()
    {
        await using FakeLlmServer server = await StartAsync(false, (_, _) => LlmReply.Endless(TimeSpan.FromMilliseconds(1), "又一句。"));
        await using var bench = ConversationBench.At(server);
        (Turn? turn, RecordingReplySink? sink) = bench.Submit(bench.Dialogue(), "你好");
        await sink.Spoken.ReachAsync(3);
        turn.Cancellation.Request();
        Assert.Equal(TurnOutcome.Cancelled, await sink.Completed);
        await server.Gone.ReachAsync(1);
    }

    [Fact]
    public async Task Cancellations_at_random_times_complete_each_sink_once_and_leave_no_connection()
    {
        const int Turns = 1_000;
        var random = new Random(4);
        await using FakeLlmServer server = await StartAsync(false, (n, _) => n % 3 == 0 ? LlmReply.Silent() : LlmReply.Endless(TimeSpan.FromMilliseconds(1), "一句。"));
        await using var bench = ConversationBench.At(server);
        Dialogue[] dialogues = Enumerable.Range(0, 20).Select(i => bench.Dialogue("d" + i)).ToArray();
        var sinks = new List<(RecordingReplySink Sink, int Heard)>();
        for (int i = 0; i < Turns; i++)
        {
            (Turn? turn, RecordingReplySink? sink) = bench.Submit(dialogues[i % dialogues.Length], "第" + i);
            int spins = random.Next(4);
            for (int s = 0; s < spins * 2_000; s++)
            {
                Thread.SpinWait(10);
            }

            bench.Workers.Cancel(turn);
            sinks.Add((sink, sink.Sentences.Count));
        }

        foreach ((RecordingReplySink? sink, int heard) in sinks)
        {
            Assert.Equal(TurnOutcome.Cancelled, await sink.Completed);
            Assert.Equal("end Cancelled", sink.Events[^1]);
            Assert.Equal(1, sink.Completions);

            // At most the sentence that a worker was sending at that time; the device's queue drops it by its turn number.
            Assert.InRange(sink.Sentences.Count - heard, 0, 1);
        }

        await server.Gone.ReachAsync(server.Requests.Value);
        Assert.Equal((0, 0), (bench.Workers.Status.Waiting, bench.Workers.Status.InFlight));
        Assert.Equal(LlmProviderSettings.DefaultMaxConcurrency, bench.Catalog.Resolve("chat").Instance!.Endpoint.Server.Slots.CurrentCount);
        Assert.False(bench.Catalog.Resolve("chat").Instance!.Endpoint.Breaker.IsOpen);
    }

    [Fact]
    public async Task One_shot_completion_uses_the_memory_purpose()
    {
        await using FakeLlmServer server = await StartAsync(false, (_, _) => LlmReply.Says("<think>想", "一想</th", "ink>用户", "叫小明"));
        await using var bench = ConversationBench.At(server, ("ByMode:memory", "real"));
        Assert.Equal("用户叫小明", await bench.Workers.CompleteAsync("memory", "总结", "我叫小明", CancellationToken.None));
        Assert.Equal("总结", Assert.Single(server.Received).Texts("system").Single());
        Assert.Null(await new ConversationBench([]).Workers.CompleteAsync("memory", "总结", "我叫小明", CancellationToken.None));
    }

    private static async Task<FakeLlmServer> StartAsync(bool anthropic, Func<int, FakeLlmRequest, LlmReply> script) =>
        anthropic ? await FakeAnthropicServer.StartAsync(script) : await FakeOpenAiServer.StartAsync(script);
}
