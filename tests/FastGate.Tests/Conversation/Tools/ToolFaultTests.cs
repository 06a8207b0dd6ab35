using FastGate.Configuration.Options;
using FastGate.Conversation;
using FastGate.Conversation.Tools;
using FastGate.Testing.Conversation;
using static FastGate.Tests.Conversation.Tools.ToolRequests;

namespace FastGate.Tests.Conversation.Tools;

/// <summary>Tools that hang, block or are interrupted, and providers that fail after a tool.</summary>
public sealed class ToolFaultTests
{
    private static readonly ToolOptions s_options = new();

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

    [Fact]
    public async Task Tools_of_a_turn_share_twice_the_timeout()
    {
        var clock = new ManualTimeProvider();
        var never = new TaskCompletionSource<object?>();
        var tool = new FakeTool("hang", (_, _) => never.Task);
        await using FakeLlmServer server = await StartAsync(
            false, (_, request) => Results(request, false).Count == 1 ? LlmReply.Says("没有反应。")
                : LlmReply.Calls([.. Enumerable.Range(0, Results(request, false).Count == 0 ? 2 : 1).Select(static i => new LlmToolCall("hang", Id: "c" + i))]));
        await using var bench = ConversationBench.At(server, clock);
        Dialogue dialogue = bench.Dialogue(tools: s_options with { Timeout = TimeSpan.FromSeconds(7) }, deviceTools: [tool]);
        (_, RecordingReplySink sink) = bench.Submit(dialogue, "做");
        for (int i = 1; i <= ToolRunner.TimeoutsOfTurn; i++)
        {
            await tool.Calls.ReachAsync(i);
            await clock.TurnToNextAsync(TimeSpan.FromSeconds(7));
        }

        Assert.Equal(TurnOutcome.Completed, await sink.Completed);
        Assert.EndsWith("=error: no time is left for tools in this turn", Assert.Single(Results(server.Received.Last(), false)), StringComparison.Ordinal);
        Assert.Equal(ToolRunner.TimeoutsOfTurn, tool.Calls.Value);
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
}
