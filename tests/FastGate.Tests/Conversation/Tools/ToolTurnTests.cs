using System.Text.Json;
using FastGate.Configuration.Options;
using FastGate.Conversation;
using FastGate.Conversation.Tools;
using FastGate.Testing.Conversation;

namespace FastGate.Tests.Conversation.Tools;

/// <summary>Turns with tool calls, against a real HTTP server of either protocol.</summary>
public sealed class ToolTurnTests
{
    private static readonly ToolOptions s_options = new();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Tool_is_called_and_its_result_is_answered(bool anthropic)
    {
        var tool = FakeTool.Returning("set_volume", "ok", """{"type":"object","properties":{"volume":{"type":"integer"}},"required":["volume"]}""");
        await using FakeLlmServer server = await StartAsync(
            anthropic, (n, _) => n == 1 ? LlmReply.SaysAndCalls("好的。", new LlmToolCall("set_volume", """{"volume":"70"}""")) : LlmReply.Says("音量是七十。"));
        await using var bench = ConversationBench.At(server);

        RecordingReplySink sink = await bench.SayAsync("大声点", bench.Dialogue(tools: s_options, deviceTools: [tool]));

        Assert.Equal(["mood happy", "say 好的。", "say 音量是七十。", "end Completed"], sink.Events);
        Assert.Equal(["""{"volume":70}"""], tool.Arguments);
        Assert.Equal("好的。\n音量是七十。", Assert.Single(bench.Memory.Of("aa:bb")).Assistant);
        Assert.Equal(["call_1=ok"], Results(server.Received.Last(), anthropic));
        Assert.Equal(["set_volume", ServerTools.GetTime, ServerTools.Forget, ServerTools.End], OfferedTools(server.Received.First(), anthropic));
    }

    [Fact]
    public async Task Rounds_are_bounded_and_the_last_call_has_no_tools()
    {
        var tool = FakeTool.Returning("again", "more");
        await using FakeLlmServer server = await StartAsync(
            false, (_, request) => OfferedTools(request, false).Count > 0 ? LlmReply.Calls(new LlmToolCall("again")) : LlmReply.Says("够了。"));
        await using var bench = ConversationBench.At(server);

        RecordingReplySink sink = await bench.SayAsync("转圈", bench.Dialogue(tools: s_options with { Rounds = 3 }, deviceTools: [tool]));

        Assert.Equal(["够了。"], sink.Sentences);
        Assert.Equal(3, tool.Calls.Value);
        Assert.Equal(4, server.Requests.Value);

        // Calls and results are words in the last request. In the others their ids are unique although the server repeats them.
        Assert.Equal(["user", "assistant", "user", "assistant", "user", "assistant", "user"], Roles(server.Received.Last()));
        Assert.NotEqual(Results(server.Received.ElementAt(1), false), Results(server.Received.ElementAt(2), false));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Every_call_gets_a_result(bool anthropic)
    {
        var throwing = new FakeTool("broken", (_, _) => throw new InvalidOperationException("out of paper"));
        var fussy = FakeTool.Returning("fussy", "ok", """{"type":"object","properties":{"mode":{"enum":["a","b"]}},"required":["mode"]}""");
        await using FakeLlmServer server = await StartAsync(anthropic, (n, _) => n > 1 ? LlmReply.Says("好。") : LlmReply.Calls(
            new LlmToolCall("broken", Id: "a"), new LlmToolCall("missing", Id: "b"), new LlmToolCall("fussy", """{"mode":"c"}""", "c"),
            new LlmToolCall("fussy", "{}", "d"), new LlmToolCall("fussy", "[1", "e"), new LlmToolCall("fussy", """{"mode":"b"}""", "f")));
        await using var bench = ConversationBench.At(server);
        using var counted = new CountedMeasurements(bench.Meter);

        RecordingReplySink sink = await bench.SayAsync("做", bench.Dialogue(tools: s_options, deviceTools: [throwing, fussy]));

        Assert.Equal(["好。"], sink.Sentences);
        Assert.Equal(
            [
                "a=error: out of paper", "b=error: there is no such tool", """c=error: the argument 'mode' must be one of ["a","b"]""",
                "d=error: the argument 'mode' is missing", "e=error: the arguments are not a JSON object", "f=ok",
            ],
            Results(server.Received.Last(), anthropic));
        Assert.Equal(1, fussy.Calls.Value);
        Assert.Equal(
            (1, 1, 3, 1),
            (counted["fastgate.tools.calls device failed"], counted["fastgate.tools.calls unknown refused"],
                counted["fastgate.tools.calls device invalid"], counted["fastgate.tools.calls device completed"]));
    }

    [Fact]
    public async Task Calls_beyond_the_bound_are_refused_but_answered()
    {
        var tool = FakeTool.Returning("ping", "pong");
        LlmToolCall[] calls = [.. Enumerable.Range(0, ToolRunner.MaxCalls + 4).Select(static i => new LlmToolCall("ping", Id: "c" + i))];
        await using FakeLlmServer server = await StartAsync(false, (n, _) => n > 1 ? LlmReply.Says("好。") : LlmReply.Calls(calls));
        await using var bench = ConversationBench.At(server);
        await bench.SayAsync("做", bench.Dialogue(tools: s_options, deviceTools: [tool]));
        Assert.Equal(ToolRunner.MaxCalls, tool.Calls.Value);
        Assert.Equal(calls.Select(static call => call.Id), Results(server.Received.Last(), false).Select(static result => result.Split('=')[0]));
    }

    [Fact]
    public async Task Hanging_tool_is_given_up_after_its_timeout()
    {
        var clock = new ManualTimeProvider();
        var never = new TaskCompletionSource<object?>();
        var tool = new FakeTool("hang", (_, _) => never.Task);
        await using FakeLlmServer server = await StartAsync(false, (n, _) => n > 1 ? LlmReply.Says("没有反应。") : LlmReply.Calls(new LlmToolCall("hang")));
        await using var bench = ConversationBench.At(server, clock);
        Dialogue dialogue = bench.Dialogue(tools: s_options with { Timeout = TimeSpan.FromSeconds(7) }, deviceTools: [tool]);
        (_, RecordingReplySink sink) = bench.Submit(dialogue, "做");
        await tool.Calls.ReachAsync(1);
        await clock.TurnToNextAsync(TimeSpan.FromSeconds(7));
        Assert.Equal(TurnOutcome.Completed, await sink.Completed);
        Assert.Equal(["call_1=error: no result within 7 s"], Results(server.Received.Last(), false));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Interruption_ends_the_turn_in_the_middle_of_a_tool(bool toolIgnoresIt)
    {
        var cancelled = new TaskCompletionSource();
        var never = new TaskCompletionSource<object?>();
        var tool = new FakeTool("slow", async (_, cancellationToken) =>
        {
            await using CancellationTokenRegistration noted = cancellationToken.Register(() => cancelled.TrySetResult());
            return toolIgnoresIt ? await never.Task : await never.Task.WaitAsync(cancellationToken);
        });
        var next = FakeTool.Returning("next", "ok");
        await using FakeLlmServer server = await StartAsync(
            false, (_, _) => LlmReply.SaysAndCalls("我看看。", new LlmToolCall("slow", Id: "a"), new LlmToolCall("next", Id: "b")));
        await using var bench = ConversationBench.At(server);
        (Turn turn, RecordingReplySink sink) = bench.Submit(bench.Dialogue(tools: s_options, deviceTools: [tool, next]), "做");
        await tool.Calls.ReachAsync(1);

        bench.Workers.Cancel(turn);

        Assert.Equal(TurnOutcome.Cancelled, await sink.Completed);
        await cancelled.Task.WaitAsync(CountSignal.Timeout);
        Assert.Equal((1, 0), (server.Requests.Value, next.Calls.Value));
        Assert.Equal("我看看。" + FastGate.Conversation.Dialogue.InterruptedMark, Assert.Single(bench.Memory.Of("aa:bb")).Assistant);
        Assert.Equal(0, bench.Workers.Status.InFlight);
    }

    [Fact]
    public async Task Blocking_tool_does_not_hold_up_other_devices()
    {
        using var gate = new ManualResetEventSlim();
        var tool = new FakeTool("block", (_, _) =>
        {
            gate.Wait(CancellationToken.None);
            return Task.FromResult<object?>("ok");
        });
        await using FakeLlmServer server = await StartAsync(
            false, (_, request) => request.LastUser == "堵" && Results(request, false).Count == 0 ? LlmReply.Calls(new LlmToolCall("block")) : LlmReply.Says("好。"));
        await using var bench = ConversationBench.At(server);
        List<RecordingReplySink> blocked = [];
        for (int i = 0; i < FastGate.Conversation.Workers.ConversationWorkers.DefaultThreads; i++)
        {
            blocked.Add(bench.Submit(bench.Dialogue("d" + i, tools: s_options, deviceTools: [tool]), "堵").Sink);
        }

        await tool.Calls.ReachAsync(blocked.Count);
        Assert.Equal(["好。"], (await bench.SayAsync("你好", bench.Dialogue("other"))).Sentences);
        gate.Set();
        await Task.WhenAll(blocked.Select(static sink => sink.Completed));
    }

    [Fact]
    public async Task Fallback_after_a_tool_does_not_run_the_tool_again()
    {
        var tool = FakeTool.Returning("once", "done it");
        await using FakeLlmServer server = await StartAsync(false, (n, _) => n == 1 ? LlmReply.Calls(new LlmToolCall("once")) : LlmReply.Fails(500));
        await using FakeLlmServer spare = await StartAsync(true, (_, _) => LlmReply.Says("做好了。"));
        await using var bench = ConversationBench.At(
            spare, ("Providers:first:Type", "openai"), ("Providers:first:BaseUrl", server.Address), ("Providers:first:Model", "m"), ("ByMode:chat", "first"));
        RecordingReplySink sink = await bench.SayAsync("做", bench.Dialogue(tools: s_options, deviceTools: [tool]));
        Assert.Equal(["做好了。"], sink.Sentences);
        Assert.Equal((1, 2, 1), (tool.Calls.Value, server.Requests.Value, spare.Requests.Value));
        Assert.Equal(["call_1=done it"], Results(spare.Received.Single(), true));
    }

    [Fact]
    public async Task Failure_after_a_spoken_round_gets_the_error_line_and_keeps_what_was_said()
    {
        await using FakeLlmServer server = await StartAsync(
            false, (n, _) => n == 1 ? LlmReply.SaysAndCalls("我看看。", new LlmToolCall(ServerTools.GetTime)) : LlmReply.Fails(500));
        await using var bench = ConversationBench.At(server);
        RecordingReplySink sink = await bench.SayAsync("几点", bench.Dialogue(tools: s_options));
        Assert.Equal(["say 我看看。", "say 系统忙。", "end Failed"], sink.Events.Skip(1));
        Assert.StartsWith("我看看。", Assert.Single(bench.Memory.Of("aa:bb")).Assistant, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Reasoning_stays_unspoken_in_every_round()
    {
        await using FakeLlmServer server = await StartAsync(false, (n, _) => n switch
        {
            1 => LlmReply.Says("想想</think>你好。"),
            2 => LlmReply.Calls(new LlmToolCall(ServerTools.GetTime)),
            _ => LlmReply.Says("又想想", "</think>三点。"),
        });
        await using var bench = ConversationBench.At(server);
        Dialogue dialogue = bench.Dialogue(tools: s_options);
        await bench.SayAsync("你好", dialogue);
        Assert.Equal(["三点。"], (await bench.SayAsync("几点", dialogue)).Sentences);
    }

    [Fact]
    public async Task Model_may_end_with_an_empty_reply_when_it_has_spoken_before()
    {
        await using FakeLlmServer server = await StartAsync(
            false, (n, _) => n == 1 ? LlmReply.SaysAndCalls("再见。", new LlmToolCall(ServerTools.End)) : LlmReply.Says());
        await using var bench = ConversationBench.At(server);
        RecordingReplySink sink = await bench.SayAsync("走了", bench.Dialogue(tools: s_options));
        Assert.Equal(["say 再见。", "end session", "end Completed"], sink.Events.Skip(1));
    }

    [Fact]
    public async Task Forgetting_removes_the_history_within_the_same_turn()
    {
        await using FakeLlmServer server = await StartAsync(
            false, (_, request) => request.LastUser == "忘了我" && Results(request, false).Count == 0
                ? LlmReply.Calls(new LlmToolCall(ServerTools.Forget)) : LlmReply.Says("好。"));
        await using var bench = ConversationBench.At(server);
        bench.Memory.Summary = "喜欢茶";
        Dialogue dialogue = bench.Dialogue(tools: s_options);
        await bench.SayAsync("我叫小明", dialogue);
        Assert.Single(bench.Memory.Of("aa:bb"));
        bench.Memory.Summary = null;

        await bench.SayAsync("忘了我", dialogue);

        Assert.Empty(bench.Memory.Of("aa:bb"));
        Assert.DoesNotContain("小明", server.Received.Last().Body.GetRawText(), StringComparison.Ordinal);
        Assert.DoesNotContain("喜欢茶", server.Received.Last().Body.GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Failed_erasure_is_reported_to_the_model()
    {
        await using FakeLlmServer server = await StartAsync(
            false, (n, _) => n == 1 ? LlmReply.Calls(new LlmToolCall(ServerTools.Forget)) : LlmReply.Says("没成功。"));
        await using var bench = ConversationBench.At(server);
        bench.Memory.InTrouble = true;
        await bench.SayAsync("忘了我", bench.Dialogue(tools: s_options));
        Assert.Equal(["call_1=error: the memory could not be erased"], Results(server.Received.Last(), false));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Goodbyes_and_disabled_tools_offer_none(bool isGoodbye)
    {
        await using FakeLlmServer server = await StartAsync(false, (_, _) => LlmReply.Says("好。"));
        await using var bench = ConversationBench.At(server);
        (_, RecordingReplySink sink) = bench.Submit(bench.Dialogue(tools: s_options with { Enabled = isGoodbye }), "走了", kind: isGoodbye ? TurnKind.Goodbye : TurnKind.Utterance);
        await sink.Completed;
        Assert.Empty(OfferedTools(server.Received.Single(), false));
    }

    [Fact]
    public async Task Summaries_offer_no_tools()
    {
        await using FakeLlmServer server = await StartAsync(false, (_, _) => LlmReply.Says("好。"));
        await using var bench = ConversationBench.At(server, ("ByMode:memory", "real"));
        await bench.Workers.CompleteAsync("memory", "总结", "我叫小明", CancellationToken.None);
        Assert.Empty(OfferedTools(server.Received.Single(), false));
    }

    private static async Task<FakeLlmServer> StartAsync(bool anthropic, Func<int, FakeLlmRequest, LlmReply> script) =>
        anthropic ? await FakeAnthropicServer.StartAsync(script) : await FakeOpenAiServer.StartAsync(script);

    private static IReadOnlyList<string> OfferedTools(FakeLlmRequest request, bool anthropic) => request.Body.TryGetProperty("tools", out JsonElement tools)
        ? [.. tools.EnumerateArray().Select(tool => (anthropic ? tool : tool.GetProperty("function")).GetProperty("name").GetString()!)]
        : [];

    private static IReadOnlyList<string> Roles(FakeLlmRequest request) =>
        [.. request.Body.GetProperty("messages").EnumerateArray().Select(static message => message.GetProperty("role").GetString()!).Where(static role => role != "system")];

    /// <summary>The results of the last round, as id=text.</summary>
    private static IReadOnlyList<string> Results(FakeLlmRequest request, bool anthropic)
    {
        JsonElement[] messages = [.. request.Body.GetProperty("messages").EnumerateArray()];
        return anthropic
            ? messages[^1].GetProperty("content") is { ValueKind: JsonValueKind.Array } blocks
                ? [.. blocks.EnumerateArray().Select(static block => $"{block.GetProperty("tool_use_id")}={block.GetProperty("content")}")]
                : []
            : [.. messages.Reverse().TakeWhile(static message => message.GetProperty("role").GetString() == "tool").Reverse()
                .Select(static message => $"{message.GetProperty("tool_call_id")}={message.GetProperty("content")}")];
    }
}
