using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using FastGate.Conversation;
using FastGate.Llm.Providers;
using FastGate.Llm.Settings;
using FastGate.Testing.Conversation;
using FastGate.Tests.Conversation;

namespace FastGate.Tests.Llm;

/// <summary>Against real HTTP servers: what is said, what is done when the server misbehaves, what happens to the connection.</summary>
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
    public async Task Base_url_is_understood_as_people_write_it(string suffix, string path)
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
    public async Task Error_status_is_answered_with_the_error_line_and_not_retried(bool anthropic, int status)
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
    public async Task Retry_after_that_fits_is_honoured_once(bool anthropic)
    {
        await using FakeLlmServer server = await StartAsync(anthropic, (n, _) => n == 1 ? LlmReply.Fails(429, "0") : LlmReply.Says("来了。"));
        await using var bench = ConversationBench.At(server);
        RecordingReplySink sink = await bench.SayAsync("你好");
        Assert.Equal(["来了。"], sink.Sentences);
        Assert.Equal(2, server.Requests.Value);
    }

    [Fact]
    public async Task Retry_after_beyond_the_budget_goes_straight_to_the_fallback()
    {
        await using FakeLlmServer server = await StartAsync(false, (_, _) => LlmReply.Fails(429, "60"));
        await using FakeLlmServer spare = await StartAsync(false, (_, _) => LlmReply.Says("我来。"));
        await using var bench = ConversationBench.At(spare, ("Providers:busy:BaseUrl", server.Address), ("Providers:busy:Model", "m"), ("ByMode:chat", "busy"));
        RecordingReplySink sink = await bench.SayAsync("你好");
        Assert.Equal(["我来。"], sink.Sentences);
        Assert.Equal((1, 1), (server.Requests.Value, spare.Requests.Value));
    }

    [Fact]
    public async Task Two_refusals_with_retry_after_end_at_the_fallback_and_never_a_fourth_request()
    {
        await using FakeLlmServer server = await StartAsync(false, (_, _) => LlmReply.Fails(503, "0"));
        await using FakeLlmServer spare = await StartAsync(false, (_, _) => LlmReply.Fails(503, "0"));
        await using var bench = ConversationBench.At(spare, ("Providers:busy:BaseUrl", server.Address), ("Providers:busy:Model", "m"), ("ByMode:chat", "busy"));
        RecordingReplySink sink = await bench.SayAsync("你好");
        Assert.Equal(["系统忙。"], sink.Sentences);
        Assert.Equal((2, 1), (server.Requests.Value, spare.Requests.Value));
    }

    [Theory]
    [InlineData(false, true)]
    [InlineData(false, false)]
    [InlineData(true, true)]
    public async Task Stream_cut_after_text_ends_the_turn_without_another_try(bool anthropic, bool abort)
    {
        // The server breaks off once the device has heard the sentence: a reset overtakes what is still under way.
        var heard = new TaskCompletionSource();
        await using FakeLlmServer server = await StartAsync(
            anthropic, (_, _) => abort ? LlmReply.Cut(heard.Task, "第一句。", "第二") : LlmReply.Unfinished("第一句。", "第二"));
        await using FakeLlmServer spare = await StartAsync(false, (_, _) => LlmReply.Says("不该听到。"));
        await using var bench = ConversationBench.At(server, ("Providers:spare:BaseUrl", spare.Address), ("Providers:spare:Model", "m"),
            ("Default", "spare"), ("ByMode:chat", "real"));
        (Turn _, RecordingReplySink? sink) = bench.Submit(bench.Dialogue(), "你好");
        await sink.Spoken.ReachAsync(1);
        heard.SetResult();
        Assert.Equal(TurnOutcome.Failed, await sink.Completed);
        Assert.Equal(["mood happy", "say 第一句。", "end Failed"], sink.Events);
        Assert.Equal(0, spare.Requests.Value);
        Assert.Equal("第一句。" + FastGate.Conversation.Dialogue.InterruptedMark, Assert.Single(bench.Memory.Of("aa:bb")).Assistant);
    }

    [Fact]
    public async Task Stream_cut_before_anything_was_spoken_is_taken_over_by_the_fallback()
    {
        await using FakeLlmServer server = await StartAsync(false, (_, _) => LlmReply.Cut(Task.CompletedTask, "半"));
        await using FakeLlmServer spare = await StartAsync(false, (_, _) => LlmReply.Says("整句。"));
        await using var bench = ConversationBench.At(spare, ("Providers:bad:BaseUrl", server.Address), ("Providers:bad:Model", "m"), ("ByMode:chat", "bad"));
        RecordingReplySink sink = await bench.SayAsync("你好");
        Assert.Equal(["整句。"], sink.Sentences);
    }

    public static TheoryData<string> Garbage => new()
    {
        "", "\n\n\n", "<html><body>502</body></html>", "data: {not json}\n\n", "data: {\"choices\":42}\n\n", "data: null\n\n", "data: []\n\n",
        "data: {\"error\":{\"message\":\"overloaded\"}}\n\n", "\0\u0001\u0002",
        "data: [DONE]\n\n",
    };

    [Theory]
    [MemberData(nameof(Garbage))]
    public async Task Garbage_is_a_failure_not_a_fault(string body)
    {
        await using FakeLlmServer server = await StartAsync(false, (_, _) => LlmReply.Garbage(Encoding.UTF8.GetBytes(body)));
        await using var bench = ConversationBench.At(server);
        Assert.Equal(["mood happy", "say 系统忙。", "end Failed"], (await bench.SayAsync("你好")).Events);
    }

    [Fact]
    public async Task Line_without_end_is_cut_off()
    {
        await using FakeLlmServer server = await StartAsync(false, (_, _) => LlmReply.Garbage(Enumerable.Repeat((byte)'x', ReplyStream.MaxLine + 100_000).ToArray()));
        await using var bench = ConversationBench.At(server);
        Assert.Equal(["系统忙。"], (await bench.SayAsync("你好")).Sentences);
    }

    [Fact]
    public async Task Refusal_whose_body_never_ends_keeps_its_status_and_its_retry_after()
    {
        var time = new ManualTimeProvider();
        await using FakeLlmServer server = await StartAsync(false, (n, _) => n == 1 ? LlmReply.Trickles(429, "0") : LlmReply.Says("来了。"));
        await using var bench = new ConversationBench(
            [("Providers:a:Model", "m"), ("Providers:a:BaseUrl", server.Address), ("Default", "a")], time: time);

        // No deadline of the call takes part: time stands still.
        Assert.Equal(["来了。"], (await bench.SayAsync("你好")).Sentences);
        Assert.Equal(2, server.Requests.Value);
    }

    [Fact]
    public async Task Peer_that_never_accepts_is_given_up_within_the_connect_time()
    {
        // A listener whose queue is full leaves whoever comes next without an answer.
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen(0);
        var address = (IPEndPoint)listener.LocalEndPoint!;
        Socket[] crowd = Enumerable.Range(0, 4).Select(static _ => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp)).ToArray();
        using var stop = new CancellationTokenSource();
        Task[] connecting = crowd.Select(socket => socket.ConnectAsync(address, stop.Token).AsTask()).ToArray();
        await connecting[0];

        var time = new ManualTimeProvider();
        await using var bench = new ConversationBench(
            [("Providers:a:Model", "m"), ("Providers:a:BaseUrl", $"http://{address}"), ("Providers:a:Timeout:Connect", "1"), ("Default", "a")], time: time);
        using var counted = new CountedMeasurements(bench.Meter);

        // The connect time is the handler's own; the call's deadlines stand still.
        Assert.Equal(["系统忙。"], (await bench.SayAsync("你好")).Sentences);
        Assert.Equal(1, counted["fastgate.conversation.calls a chat unreachable"]);
        Assert.Equal(1, bench.Catalog.Resolve("chat").Instance!.Endpoint.Breaker.FailuresInARow);
        stop.Cancel();
        Array.ForEach(crowd, static socket => socket.Dispose());
    }

    [Fact]
    public async Task Nobody_listening_is_answered_at_once()
    {
        await using var bench = new ConversationBench(
            [("Providers:dead:BaseUrl", "http://127.0.0.1:1"), ("Providers:dead:Model", "m"), ("Default", "dead")]);
        Assert.Equal(["系统忙。"], (await bench.SayAsync("你好")).Sentences);
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public async Task Abort_closes_the_connection_to_the_provider(bool anthropic, bool afterText)
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
    public async Task Endless_reply_is_dropped_when_the_device_leaves_without_a_word()
    {
        await using FakeLlmServer server = await StartAsync(false, (_, _) => LlmReply.Endless(TimeSpan.FromMilliseconds(1), "又一句。"));
        await using var bench = ConversationBench.At(server);
        (Turn _, RecordingReplySink? sink) = bench.Submit(bench.Dialogue(), "你好");
        await sink.Spoken.ReachAsync(3);
        sink.Leave();
        Assert.Equal(TurnOutcome.Cancelled, await sink.Completed);
        await server.Gone.ReachAsync(1);
    }

    [Fact]
    public async Task Aborts_at_any_instant_leave_one_end_each_and_no_connection()
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

            // At most the sentence a worker was handing over at that instant, which the device's queue drops by its turn's number.
            Assert.InRange(sink.Sentences.Count - heard, 0, 1);
        }

        await server.Gone.ReachAsync(server.Requests.Value);
        Assert.Equal((0, 0), (bench.Workers.Status.Waiting, bench.Workers.Status.InFlight));
        Assert.Equal(LlmProviderSettings.DefaultMaxConcurrency, bench.Catalog.Resolve("chat").Instance!.Endpoint.Server.Slots.CurrentCount);
        Assert.False(bench.Catalog.Resolve("chat").Instance!.Endpoint.Breaker.IsOpen);
    }

    [Fact]
    public async Task One_shot_completion_answers_for_the_memory_purpose()
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
