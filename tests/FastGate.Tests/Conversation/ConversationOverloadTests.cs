using FastGate.Configuration.Options;
using FastGate.Conversation;
using FastGate.Testing.Conversation;

namespace FastGate.Tests.Conversation;

public sealed class ConversationOverloadTests
{
    [Fact]
    public async Task Overloaded_server_refuses_a_turn_that_would_have_to_wait()
    {
        var client = FakeChatClient.Silent();
        await using var bench = ConversationBench.With(client, options: new ConversationWorkerOptions { Concurrency = 1, Queue = 3 });
        bench.Workers.IsPressed = true;
        (Turn Turn, RecordingReplySink Sink) running = bench.Submit(bench.Dialogue("a"), "占着");
        await client.Calls.ReachAsync(1);
        Assert.False(bench.Workers.HasRoomForEarly);
        Assert.False(bench.Workers.TrySubmit(bench.Dialogue("b"), new Turn { Utterance = "满了", Sink = new RecordingReplySink() }));

        bench.Workers.IsPressed = false;
        (Turn Turn, RecordingReplySink Sink) waiting = bench.Submit(bench.Dialogue("b"), "等着");
        bench.Workers.Cancel(waiting.Turn);
        bench.Workers.Cancel(running.Turn);
        Assert.Equal(TurnOutcome.Cancelled, await running.Sink.Completed);
    }
}
