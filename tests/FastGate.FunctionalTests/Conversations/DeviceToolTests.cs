using System.Text.Json;
using System.Text.Json.Nodes;
using FastGate.FunctionalTests.Clients;
using FastGate.FunctionalTests.Server;
using FastGate.Testing.Conversation;

namespace FastGate.FunctionalTests.Conversations;

/// <summary>Tools of a device over a socket: listed after its hello, called by a scripted model.</summary>
public sealed class DeviceToolTests
{
    private const string Hello = """{"type":"hello","version":1,"features":{"mcp":true},"transport":"websocket"}""";

    private const string SetVolume =
        """{"name":"self.audio_speaker.set_volume","description":"Set the volume","inputSchema":{"type":"object","properties":{"volume":{"type":"integer","minimum":0,"maximum":100}},"required":["volume"]}}""";

    private const string TakePhoto = """{"name":"self.camera.take_photo","description":"Take a photo","inputSchema":{"type":"object","properties":{}}}""";

    [Fact]
    public async Task Model_calls_a_tool_of_the_device_and_answers()
    {
        await using ConversationGateway talk = await StartAsync("self_audio_speaker_set_volume", """{"volume":40}""");
        await using DeviceClient device = await DeviceClient.ConnectAsync(talk.Gateway, "speaker");
        await ListAsync(talk, device);

        await device.SendAsync(DeviceTexts.Detect("小声一点"));
        JsonObject call = await RequestAsync(device, "tools/call");
        Assert.Equal("""{"name":"self.audio_speaker.set_volume","arguments":{"volume":40}}""", call["params"]!.ToJsonString());
        Assert.True((int)call["id"]! >= 100);
        await AnswerAsync(device, call, """{"content":[{"type":"text","text":"volume is 40"}],"isError":false}""");

        Assert.Equal(["好的volume is 40。"], (await device.ReceiveUntilAsync("tts", "stop")).Sentences());
        FakeLlmRequest first = talk.Llm.Received.First();
        string[] offered = [.. first.Body.GetProperty("tools").EnumerateArray().Select(static tool => tool.GetProperty("function").GetProperty("name").GetString()!)];
        Assert.Contains("self_audio_speaker_set_volume", offered);
        Assert.Contains("self_camera_take_photo", offered);
        await Eventually.ValueAsync(() => talk.Admin.MetricAsync("fastgate_tools_device_call_seconds_count", "outcome=\"ok\""), static calls => calls == 1);
    }

    [Fact]
    public async Task Error_of_the_device_is_reported_to_the_model()
    {
        await using ConversationGateway talk = await StartAsync("self_camera_take_photo", "{}");
        await using DeviceClient device = await DeviceClient.ConnectAsync(talk.Gateway, "blind");
        await ListAsync(talk, device);

        await device.SendAsync(DeviceTexts.Detect("看看"));
        JsonObject call = await RequestAsync(device, "tools/call");
        await device.SendAsync($$$"""{"type":"mcp","payload":{"jsonrpc":"2.0","id":{{{call["id"]}}},"error":{"message":"no camera"} }}""");

        Assert.Contains("no camera", string.Concat((await device.ReceiveUntilAsync("tts", "stop")).Sentences()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Interrupted_call_leaves_the_device_free_for_the_next()
    {
        await using ConversationGateway talk = await StartAsync("self_audio_speaker_set_volume", """{"volume":40}""");
        await using DeviceClient device = await DeviceClient.ConnectAsync(talk.Gateway, "hasty");
        await ListAsync(talk, device);
        await device.SendAsync(DeviceTexts.Detect("小声一点"));
        JsonObject interrupted = await RequestAsync(device, "tools/call");

        await device.SendAsync(DeviceTexts.Detect("再小声一点"));
        JsonObject call = await RequestAsync(device, "tools/call");
        Assert.NotEqual((int)interrupted["id"]!, (int)call["id"]!);
        await AnswerAsync(device, interrupted, """{"content":[{"type":"text","text":"late"}]}""");
        await AnswerAsync(device, call, """{"content":[{"type":"text","text":"true"}]}""");

        Assert.Equal(["好的true。"], (await device.ReceiveUntilAsync("tts", "stop")).Sentences());
        await Eventually.ValueAsync(() => talk.Admin.MetricAsync("fastgate_tools_device_ignored_messages_total", "late"), static late => late == 1);
    }

    [Fact]
    public async Task Method_of_old_firmware_is_called_by_a_command()
    {
        await using ConversationGateway talk = await StartAsync("Lamp_TurnOn", "{}");
        await using DeviceClient device = await DeviceClient.ConnectAsync(talk.Gateway, "old-lamp");
        await device.HelloAsync();
        await device.SendAsync("""{"type":"iot","update":true,"descriptors":[{"name":"Lamp","description":"A lamp","methods":{"TurnOn":{"description":"Turn it on","parameters":{}}}}]}""");

        // Descriptors are read beside the conversation: a turn that begins too early has no lamp.
        JsonObject? command = null;
        while (command is null)
        {
            IReadOnlyList<JsonObject> turn = await device.SayAsync("开灯");
            command = turn.FirstOrDefault(static message => (string?)message["type"] == "iot");
        }

        Assert.Equal("""[{"name":"Lamp","method":"TurnOn","parameters":{}}]""", command["commands"]!.ToJsonString());
        Assert.Equal(device.SessionId, (string?)command["session_id"]);
    }

    /// <summary>A model that calls this tool when it is offered, and then says its result.</summary>
    private static Task<ConversationGateway> StartAsync(string tool, string arguments) => ConversationGateway.StartAsync(
        (_, request) => ResultOf(request) is { } result ? LlmReply.Says($"好的{result}。")
            : request.Body.GetRawText().Contains(tool, StringComparison.Ordinal) ? LlmReply.Calls(new LlmToolCall(tool, arguments))
            : LlmReply.Says("没有。"),
        ConversationGateway.LongTimeouts);

    /// <summary>The device lists its tools on two pages.</summary>
    private static async Task ListAsync(ConversationGateway talk, DeviceClient device)
    {
        await device.SendAsync(Hello);
        await AnswerAsync(device, await RequestAsync(device, "initialize"), """{"protocolVersion":"2024-11-05","capabilities":{"tools":{}}}""");
        await RequestAsync(device, "notifications/initialized");
        await AnswerAsync(device, await RequestAsync(device, "tools/list"), $$"""{"tools":[{{SetVolume}}],"nextCursor":"self.camera.take_photo"}""");
        JsonObject second = await RequestAsync(device, "tools/list");
        Assert.Equal("self.camera.take_photo", (string?)second["params"]!["cursor"]);
        await AnswerAsync(device, second, $$"""{"tools":[{{TakePhoto}}]}""");
        await Eventually.ValueAsync(() => talk.Admin.MetricAsync("fastgate_tools_device_lists_total", "outcome=\"listed\"", mayBeUnused: true), static lists => lists == 1);
    }

    /// <summary>Receives up to a request of this method and returns it.</summary>
    private static async Task<JsonObject> RequestAsync(DeviceClient device, string method)
    {
        JsonObject payload = (await device.ReceiveUntilAsync("mcp"))[^1]["payload"]!.AsObject();
        Assert.Equal(method, (string?)payload["method"]);
        return payload;
    }

    private static Task AnswerAsync(DeviceClient device, JsonObject request, string result) =>
        device.SendAsync($$$"""{"session_id":"","type":"mcp","payload":{"jsonrpc":"2.0","id":{{{request["id"]}}},"result":{{{result}}}} }""");

    private static string? ResultOf(FakeLlmRequest request)
    {
        JsonElement last = request.Body.GetProperty("messages").EnumerateArray().Last();
        return last.GetProperty("role").GetString() == "tool" ? last.GetProperty("content").GetString() : null;
    }
}
