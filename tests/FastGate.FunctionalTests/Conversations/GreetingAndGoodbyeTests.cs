using System.Net.WebSockets;
using System.Text.Json.Nodes;
using FastGate.FunctionalTests.Clients;
using FastGate.FunctionalTests.Server;
using FastGate.Testing.Conversation;

namespace FastGate.FunctionalTests.Conversations;

/// <summary>Greeting, goodbye, busy text and emotion.</summary>
public sealed class GreetingAndGoodbyeTests
{
    private const string Abort = """{"type":"abort"}""";
    private const string EndPrompt = "--FastGate:Session:EndPrompt=say goodbye now";

    [Theory]
    [InlineData("再见")]
    [InlineData("  再见！！ ")]
    [InlineData("退出。")]
    public async Task Exit_command_is_answered_by_the_end_prompt_and_closed_with_1000(string command)
    {
        await using ConversationGateway talk = await ConversationGateway.StartAsync(static (_, _) => LlmReply.Says("慢走。"), EndPrompt);
        await using DeviceClient device = await DeviceClient.ConnectAsync(talk.Gateway, "leaver");
        IReadOnlyList<JsonObject> turn = await device.SayAsync(command);
        Assert.Equal(["stt", "llm", "tts start", "tts sentence_start", MessageKinds.Stop], turn.Kinds());
        Assert.Equal(["慢走。"], turn.Sentences());
        Assert.Equal(WebSocketCloseStatus.NormalClosure, await device.ReceiveCloseAsync());
        Assert.EndsWith("say goodbye now", talk.Llm.Received.Single().Texts("system").Single(), StringComparison.Ordinal);
        device.Drop();
        await Eventually.ValueAsync(() => talk.Admin.MetricAsync("fastgate_connections_ended_total", "session_ended"), static ended => ended == 1);
    }

    [Fact]
    public async Task Goodbye_uses_the_error_text_when_the_provider_fails()
    {
        await using ConversationGateway talk = await ConversationGateway.StartAsync(static (_, _) => LlmReply.Fails(500), "--FastGate:Session:SystemErrorResponse=先等一等。");
        await using DeviceClient device = await DeviceClient.ConnectAsync(talk.Gateway, "leaver");
        Assert.Equal(["先等一等。"], (await device.SayAsync("再见")).Sentences());
        Assert.Equal(WebSocketCloseStatus.NormalClosure, await device.ReceiveCloseAsync());
    }

    [Theory]
    [InlineData("en-US", "Sorry, I can't answer right now.")]
    [InlineData("zh-CN", "主人，小智现在有点忙")]
    public async Task Device_hears_the_language_of_its_ota_request(string language, string line)
    {
        await using ConversationGateway talk = await ConversationGateway.StartAsync(static (_, _) => LlmReply.Fails(500));
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, talk.Gateway.HttpUri("/xiaozhi/ota/")) { Content = new StringContent("{}") };
        request.Headers.TryAddWithoutValidation("Device-Id", "SPEAKER");
        request.Headers.TryAddWithoutValidation("Client-Id", "c");
        request.Headers.TryAddWithoutValidation("Accept-Language", language);
        (await http.SendAsync(request)).EnsureSuccessStatusCode().Dispose();

        // Words of either language do not outweigh the device's own setting.
        await using DeviceClient device = await DeviceClient.ConnectAsync(talk.Gateway, "speaker");
        Assert.StartsWith(line, string.Concat((await device.SayAsync("tell me a story")).Sentences()), StringComparison.Ordinal);
        Assert.StartsWith(line, string.Concat((await device.SayAsync("讲个故事")).Sentences()), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Interrupting_the_goodbye_keeps_the_session(bool byUtterance)
    {
        await using ConversationGateway talk = await ConversationGateway.StartAsync(
            static (_, request) => request.LastUser == "再见" ? LlmReply.Stalls("慢走。") : LlmReply.Says("好的。"), ConversationGateway.LongTimeouts);
        await using DeviceClient device = await DeviceClient.ConnectAsync(talk.Gateway, "hesitant");
        await device.SendAsync(DeviceTexts.Detect("再见"));
        await device.ReceiveUntilAsync("tts", "sentence_start");
        if (!byUtterance)
        {
            await device.SendAsync(Abort);
            await device.ReceiveUntilAsync("tts", "stop");
        }

        await device.SendAsync(DeviceTexts.Detect("等等"));
        await device.ReceiveUntilAsync("stt");
        Assert.Equal(["好的。"], (await device.ReceiveUntilAsync("tts", "stop")).Sentences());
        await device.PingAsync();
        Assert.Null(device.CloseStatus);
    }

    [Fact]
    public async Task Wake_word_is_greeted_without_a_provider_call()
    {
        await using ConversationGateway talk = await ConversationGateway.StartAsync(
            static (_, _) => LlmReply.Silent(), [.. ConversationGateway.LongTimeouts, "--FastGate:Session:Greeting=在呢。", "--FastGate:Session:WakeupWords:0=Hey Gate"]);
        await using DeviceClient device = await DeviceClient.ConnectAsync(talk.Gateway, "woken");
        IReadOnlyList<JsonObject> turn = await device.SayAsync("hey, gate!");
        Assert.Equal(["stt", "llm", "tts start", "tts sentence_start", MessageKinds.Stop], turn.Kinds());
        Assert.Equal(["在呢。"], turn.Sentences());

        // During a turn, a wake word interrupts like any utterance.
        await device.SendAsync(DeviceTexts.Detect("a question"));
        await talk.Llm.Requests.ReachAsync(1);
        await device.SendAsync(DeviceTexts.Detect("Hey gate"));
        Assert.Equal(["在呢。"], (await device.ReceiveUntilAsync("tts", "stop")).Sentences());
        await talk.Llm.Gone.ReachAsync(1);
        Assert.Equal(1, talk.Llm.Requests.Value);
    }

    [Fact]
    public async Task Full_queue_is_answered_with_the_busy_text()
    {
        await using ConversationGateway talk = await ConversationGateway.StartAsync(
            static (_, request) => request.LastUser == "hold" ? LlmReply.Silent() : LlmReply.Says("轮到你了。"),
            [
                .. ConversationGateway.LongTimeouts,
                "--FastGate:Workers:Conversation:Queue=1",
                "--FastGate:Workers:Conversation:Concurrency=1",
                "--FastGate:Session:BusyText=太忙了。",
            ]);
        await using DeviceClient holder = await DeviceClient.ConnectAsync(talk.Gateway, "holder");
        await holder.SendAsync(DeviceTexts.Detect("hold"));
        await talk.Llm.Requests.ReachAsync(1);
        await using DeviceClient waiter = await DeviceClient.ConnectAsync(talk.Gateway, "waiter");
        await waiter.SendAsync(DeviceTexts.Detect("next"));
        await waiter.PingAsync();
        await using DeviceClient third = await DeviceClient.ConnectAsync(talk.Gateway, "third");
        Assert.Equal(["太忙了。"], (await third.SayAsync("me too")).Sentences());
        await third.PingAsync();
        JsonNode workers = (await talk.Admin.StatusAsync())["conversation"]!;
        Assert.Equal((1, 1, 1), ((int)workers["waiting"]!, (int)workers["inFlight"]!, (int)workers["rejected"]!));

        await holder.SendAsync(Abort);
        Assert.Equal(["轮到你了。"], (await waiter.ReceiveUntilAsync("tts", "stop")).Sentences());
        await talk.IdleAsync();
        Assert.Equal(["轮到你了。"], (await third.SayAsync("again")).Sentences());
    }

    [Fact]
    public async Task First_emoji_of_a_reply_is_sent_as_emotion_and_not_spoken()
    {
        await using ConversationGateway talk = await ConversationGateway.StartAsync(static (_, _) => LlmReply.Says("😢", "真难过。", "**别**担心😂。"));
        await using DeviceClient device = await DeviceClient.ConnectAsync(talk.Gateway, "emoji");
        IReadOnlyList<JsonObject> turn = await device.SayAsync("怎么样？");
        JsonObject emotion = Assert.Single(turn, static message => message.Kind() == "llm");
        Assert.Equal(("😢", "sad"), (emotion.Text(), (string?)emotion["emotion"]));
        Assert.Equal(["真难过。", "别担心。"], turn.Sentences());
    }

    [Fact]
    public async Task Device_without_emoji_support_gets_no_emotion()
    {
        await using ConversationGateway talk = await ConversationGateway.StartAsync(static (_, _) => LlmReply.Says("😢真难过。"));
        await using DeviceClient device = await DeviceClient.ConnectAsync(talk.Gateway, "no-emoji");
        await device.SendAsync("""{"type":"hello","features":{"mcp":false,"emoji":false}}""");
        await device.ReceiveUntilAsync("hello");
        Assert.Equal(["stt", "tts start", "tts sentence_start", MessageKinds.Stop], (await device.SayAsync("怎么样？")).Kinds());
        Assert.Equal(["stt", "tts start", "tts sentence_start", MessageKinds.Stop], (await device.SayAsync("你好小智")).Kinds());
    }
}
