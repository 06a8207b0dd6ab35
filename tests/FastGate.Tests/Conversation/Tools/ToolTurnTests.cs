using System.Collections.Concurrent;
using System.Diagnostics;
using FastGate.Configuration.Options;
using FastGate.Conversation;
using FastGate.Conversation.Tools;
using FastGate.Diagnostics;
using FastGate.Testing.Conversation;
using static FastGate.Tests.Conversation.Tools.ToolRequests;

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
        Assert.Equal(5, bench.WorkerLog.Count(3100));
        Assert.Equal("Tool broken of Device failed, Failed: out of paper", bench.WorkerLog.WithId(3100).First());
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
    public async Task Tool_call_has_a_span_of_its_own()
    {
        var spans = new ConcurrentQueue<string>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = static source => source.Name == GatewayTracing.SourceName,
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = span => spans.Enqueue($"{span.OperationName} {span.GetTagItem("gen_ai.tool.name")} {span.GetTagItem("source")} {span.GetTagItem("outcome")} in {span.Parent?.OperationName}"),
        };
        ActivitySource.AddActivityListener(listener);
        var tool = FakeTool.Returning("traced", "ok");
        await using FakeLlmServer server = await StartAsync(false, (n, _) => n > 1 ? LlmReply.Says("好。") : LlmReply.Calls(new LlmToolCall("traced")));
        await using var bench = ConversationBench.At(server);
        await bench.SayAsync("做", bench.Dialogue(tools: s_options, deviceTools: [tool]));
        Assert.Contains("execute_tool traced Device Completed in turn", spans);
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
}
