using System.Text.Json.Nodes;
using FastGate.FunctionalTests.Clients;
using FastGate.FunctionalTests.Server;
using FastGate.Testing.Conversation;

namespace FastGate.FunctionalTests.Conversations;

/// <summary>
/// Interruptions: the server cancels the provider call, and sends nothing of the old turn after its <c>tts stop</c>. A ping sent after the
/// interruption marks the end: what does not arrive before its pong was not sent.
/// </summary>
public sealed class BargeInTests
{
    private const string Abort = """{"type":"abort","reason":"wake_word_detected"}""";

    private static readonly TimeSpan s_pace = TimeSpan.FromMilliseconds(1);

    [Fact]
    public async Task Abort_before_the_first_token_closes_the_call_and_is_answered()
    {
        await using ConversationGateway talk = await ConversationGateway.StartAsync(static (_, request) =>
            request.LastUser == "wait" ? LlmReply.Silent() : LlmReply.Says("answer。"), ConversationGateway.LongTimeouts);
        await using DeviceClient device = await HelloAsync(talk);
        await device.SendAsync(DeviceTexts.Detect("wait"));
        await talk.Llm.Requests.ReachAsync(1);

        await device.SendAsync(Abort);

        Assert.Equal(["stt", MessageKinds.Stop], (await device.ReceiveUntilAsync("tts", "stop")).Kinds());
        await talk.Llm.Gone.ReachAsync(1);
        await AssertSilentAndServedAsync(device);
        Assert.Equal(1, await talk.Admin.MetricAsync("fastgate_session_turns_total", "outcome=\"cancelled\""));
    }

    [Fact]
    public async Task Abort_during_a_reply_closes_the_call_and_nothing_follows_tts_stop()
    {
        await using ConversationGateway talk = await ConversationGateway.StartAsync(static (_, request) =>
            request.LastUser == "long" ? LlmReply.Endless(s_pace, "more。") : LlmReply.Says("answer。"), ConversationGateway.LongTimeouts);
        await using DeviceClient device = await HelloAsync(talk);
        await device.SendAsync(DeviceTexts.Detect("long"));
        await device.ReceiveUntilAsync("tts", "sentence_start");

        await device.SendAsync(Abort);

        await device.ReceiveUntilAsync("tts", "stop");
        await AssertSilentAndServedAsync(device);
        await talk.Llm.Gone.ReachAsync(1);
        await talk.IdleAsync();
    }

    [Fact]
    public async Task Abort_without_a_turn_is_answered()
    {
        await using ConversationGateway talk = await ConversationGateway.StartAsync(static (_, _) => LlmReply.Says("answer。"));
        await using DeviceClient device = await DeviceClient.ConnectAsync(talk.Gateway, "idle");
        await device.SendAsync(Abort);
        Assert.Equal([MessageKinds.Stop], (await device.ReceiveUntilAsync("tts", "stop")).Kinds());

        await device.SayAsync("hello");
        await device.SendAsync(Abort);
        await device.SendAsync(Abort);
        Assert.Equal([MessageKinds.Stop], (await device.ReceiveUntilAsync("tts", "stop")).Kinds());
        Assert.Equal([MessageKinds.Stop], (await device.ReceiveUntilAsync("tts", "stop")).Kinds());
        await AssertSilentAndServedAsync(device);
    }

    [Fact]
    public async Task New_utterance_interrupts_a_reply()
    {
        await using ConversationGateway talk = await ConversationGateway.StartAsync(static (_, request) =>
            request.LastUser == "first" ? LlmReply.Endless(s_pace, "first。") : LlmReply.Says("second。"), ConversationGateway.LongTimeouts);
        await using DeviceClient device = await HelloAsync(talk);
        await device.SendAsync(DeviceTexts.Detect("first"));
        await device.ReceiveUntilAsync("tts", "sentence_start");

        await device.SendAsync(DeviceTexts.Detect("second"));

        IReadOnlyList<JsonObject> old = await device.ReceiveUntilAsync("stt");
        Assert.Equal([MessageKinds.Stop, "stt"], old.Kinds()[^2..]);
        IReadOnlyList<JsonObject> turn = await device.ReceiveUntilAsync("tts", "stop");
        Assert.Equal(["llm", "tts start", "tts sentence_start", MessageKinds.Stop], turn.Kinds());
        Assert.Equal(["second。"], turn.Sentences());
        await talk.Llm.Gone.ReachAsync(1);
    }

    [Fact]
    public async Task New_utterances_before_the_first_token_cancel_every_waiting_call()
    {
        await using ConversationGateway talk = await ConversationGateway.StartAsync(static (_, request) =>
            request.LastUser == "last" ? LlmReply.Says("last。") : LlmReply.Silent(), ConversationGateway.LongTimeouts);
        await using DeviceClient device = await HelloAsync(talk);
        for (int i = 1; i <= 5; i++)
        {
            await device.SendAsync(DeviceTexts.Detect($"wait {i}"));
            await talk.Llm.Requests.ReachAsync(i);
        }

        await device.SendAsync(DeviceTexts.Detect("last"));

        IReadOnlyList<JsonObject> all = await device.ReceiveUntilAsync("tts", "stop");
        Assert.Equal(["last。"], all.Sentences());
        Assert.Equal(6, all.Kinds().Count(static kind => kind == "stt"));
        await talk.Llm.Gone.ReachAsync(5);
        await talk.IdleAsync();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Disconnect_closes_the_call(bool beforeFirstToken)
    {
        await using ConversationGateway talk = await ConversationGateway.StartAsync(
            (_, _) => beforeFirstToken ? LlmReply.Silent() : LlmReply.Endless(s_pace, "more。"), ConversationGateway.LongTimeouts);
        await using DeviceClient device = await HelloAsync(talk);
        await device.SendAsync(DeviceTexts.Detect("anyone?"));
        await talk.Llm.Requests.ReachAsync(1);
        if (!beforeFirstToken)
        {
            await device.ReceiveUntilAsync("tts", "sentence_start");
        }

        device.Drop();

        await talk.Llm.Gone.ReachAsync(1);
        await talk.IdleAsync();
        await Eventually.ValueAsync(talk.Admin.ConnectionCountAsync, static count => count == 0);
    }

    [Fact]
    public async Task Interruptions_do_not_count_against_the_provider()
    {
        await using ConversationGateway talk = await ConversationGateway.StartAsync(static (_, request) =>
            request.LastUser == "wait" ? LlmReply.Silent() : LlmReply.Says("answer。"), ConversationGateway.LongTimeouts);
        await using DeviceClient device = await HelloAsync(talk);
        for (int i = 1; i <= 10; i++)
        {
            await device.SendAsync(DeviceTexts.Detect("wait"));
            await talk.Llm.Requests.ReachAsync(i);
            await device.SendAsync(Abort);
            await device.ReceiveUntilAsync("tts", "stop");
        }

        await talk.Llm.Gone.ReachAsync(10);
        Assert.Equal(["answer。"], (await device.SayAsync("now")).Sentences());
        Assert.Equal(10, await talk.Admin.MetricAsync("fastgate_conversation_calls_total", "result=\"cancelled\""));
        Assert.DoesNotContain("Breaker", talk.Gateway.Log, StringComparison.Ordinal);
    }

    private static async Task<DeviceClient> HelloAsync(ConversationGateway talk)
    {
        DeviceClient device = await DeviceClient.ConnectAsync(talk.Gateway, "interrupter");
        await device.HelloAsync();
        return device;
    }

    /// <summary>Asserts that nothing arrives before the pong and that a turn works.</summary>
    private static async Task AssertSilentAndServedAsync(DeviceClient device)
    {
        await device.SendAsync(DeviceTexts.Ping);
        Assert.Equal(["pong"], (await device.ReceiveUntilAsync("pong")).Kinds());
        IReadOnlyList<JsonObject> turn = await device.SayAsync("and now?");
        Assert.Equal("and now?", turn[0].Text());
        Assert.Equal(["answer。"], turn.Sentences());
    }
}
