using System.Net;
using System.Net.Sockets;
using System.Text;
using FastGate.Conversation;
using FastGate.Llm.Providers;
using FastGate.Testing.Conversation;
using FastGate.Tests.Conversation;

namespace FastGate.Tests.Llm;

/// <summary>Calls to HTTP servers that fail, send garbage, or do not answer.</summary>
public sealed class ProviderFailureTests
{
    public static TheoryData<string> Garbage => new()
    {
        "", "\n\n\n", "<html><body>502</body></html>", "data: {not json}\n\n", "data: {\"choices\":42}\n\n", "data: null\n\n", "data: []\n\n",
        "data: {\"error\":{\"message\":\"overloaded\"}}\n\n", "\0\u0001\u0002",
        "data: [DONE]\n\n",
    };

    [Theory]
    [InlineData(false, true)]
    [InlineData(false, false)]
    [InlineData(true, true)]
    public async Task Stream_cut_after_text_is_not_retried(bool anthropic, bool abort)
    {
        // The server aborts after the device got the sentence, because a reset discards data in transit.
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
    public async Task Stream_cut_before_the_first_sentence_uses_the_fallback()
    {
        await using FakeLlmServer server = await StartAsync(false, (_, _) => LlmReply.Cut(Task.CompletedTask, "半"));
        await using FakeLlmServer spare = await StartAsync(false, (_, _) => LlmReply.Says("整句。"));
        await using var bench = ConversationBench.At(spare, ("Providers:bad:BaseUrl", server.Address), ("Providers:bad:Model", "m"), ("ByMode:chat", "bad"));
        RecordingReplySink sink = await bench.SayAsync("你好");
        Assert.Equal(["整句。"], sink.Sentences);
    }

    [Theory]
    [MemberData(nameof(Garbage))]
    public async Task Invalid_reply_gets_the_error_line(string body)
    {
        await using FakeLlmServer server = await StartAsync(false, (_, _) => LlmReply.Garbage(Encoding.UTF8.GetBytes(body)));
        await using var bench = ConversationBench.At(server);
        Assert.Equal(["mood happy", "say 系统忙。", "end Failed"], (await bench.SayAsync("你好")).Events);
    }

    [Fact]
    public async Task Line_without_end_is_a_failure()
    {
        await using FakeLlmServer server = await StartAsync(false, (_, _) => LlmReply.Garbage(Enumerable.Repeat((byte)'x', ReplyLines.MaxLine + 100_000).ToArray()));
        await using var bench = ConversationBench.At(server);
        Assert.Equal(["系统忙。"], (await bench.SayAsync("你好")).Sentences);
    }

    [Fact]
    public async Task Error_response_with_an_endless_body_keeps_its_status_and_retry_after()
    {
        var time = new ManualTimeProvider();
        await using FakeLlmServer server = await StartAsync(false, (n, _) => n == 1 ? LlmReply.Trickles(429, "0") : LlmReply.Says("来了。"));
        await using var bench = new ConversationBench(
            [("Providers:a:Model", "m"), ("Providers:a:BaseUrl", server.Address), ("Default", "a")], time: time);

        // The call's timeouts cannot fire: the clock does not move.
        Assert.Equal(["来了。"], (await bench.SayAsync("你好")).Sentences);
        Assert.Equal(2, server.Requests.Value);
    }

    [Fact]
    public async Task Connect_timeout_is_a_failure_of_the_provider()
    {
        // A listener with a full queue does not answer further connects.
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen(0);
        var address = (IPEndPoint)listener.LocalEndPoint!;
        Socket[] sockets = Enumerable.Range(0, 4).Select(static _ => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp)).ToArray();
        using var stop = new CancellationTokenSource();
        Task[] connecting = sockets.Select(socket => socket.ConnectAsync(address, stop.Token).AsTask()).ToArray();
        await connecting[0];

        var time = new ManualTimeProvider();
        await using var bench = new ConversationBench(
            [("Providers:a:Model", "m"), ("Providers:a:BaseUrl", $"http://{address}"), ("Providers:a:Timeout:Connect", "1"), ("Default", "a")], time: time);
        using var counted = new CountedMeasurements(bench.Meter);

        // The connect timeout runs on the system clock; the clock of the call's timeouts does not move.
        Assert.Equal(["系统忙。"], (await bench.SayAsync("你好")).Sentences);
        Assert.Equal(1, counted["fastgate.conversation.calls a chat unreachable"]);
        Assert.Equal(1, bench.Catalog.Resolve("chat").Instance!.Endpoint.Breaker.FailuresInARow);
        stop.Cancel();
        Array.ForEach(sockets, static socket => socket.Dispose());
    }

    [Fact]
    public async Task Refused_connection_fails_at_once()
    {
        await using var bench = new ConversationBench(
            [("Providers:dead:BaseUrl", "http://127.0.0.1:1"), ("Providers:dead:Model", "m"), ("Default", "dead")]);
        Assert.Equal(["系统忙。"], (await bench.SayAsync("你好")).Sentences);
    }

    private static async Task<FakeLlmServer> StartAsync(bool anthropic, Func<int, FakeLlmRequest, LlmReply> script) =>
        anthropic ? await FakeAnthropicServer.StartAsync(script) : await FakeOpenAiServer.StartAsync(script);
}
