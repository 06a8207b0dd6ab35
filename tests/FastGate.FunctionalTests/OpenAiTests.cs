using System.Text.Json.Nodes;
using FastGate.FunctionalTests.Clients;
using FastGate.FunctionalTests.Server;

namespace FastGate.FunctionalTests;

/// <summary>
/// Conversations with an OpenAI-compatible server process. The device gets a reply and stays connected, whatever that server does.
/// </summary>
public sealed class OpenAiTests(OpenAiServer llm) : IClassFixture<OpenAiServer>
{
    [RequiresProgramFact(RequiredProgram.Python)]
    public async Task Reply_is_streamed_and_history_is_sent_with_the_next_question()
    {
        await using GatewayProcess gateway = await GatewayProcess.StartAsync(llm.Options("normal"));
        await using (DeviceClient device = await DeviceClient.ConnectAsync(gateway, "talker"))
        {
            JsonObject hello = await device.HelloAsync();
            IReadOnlyList<JsonObject> turn = await device.SayAsync("我叫小明");
            Transcript.AssertTurn([hello, .. turn], "我叫小明");
            Assert.True(turn.Count(static message => (string?)message["state"] == "sentence_start") >= 2);
            device.Drop();
        }

        await using (DeviceClient device = await DeviceClient.ConnectAsync(gateway, "talker"))
        {
            await device.HelloAsync();
            await device.SayAsync("我叫什么？");
            await device.CloseAsync();
        }

        JsonObject request = (await llm.RequestsAsync()).Last(static item => LastUserText(item) == "我叫什么？");
        string messages = string.Concat(request["body"]!["messages"]!.AsArray().Select(static message => (string?)message!["content"]));
        Assert.Contains("我叫小明", messages, StringComparison.Ordinal);
        Assert.Contains("你说的是：我叫小明", messages, StringComparison.Ordinal);
        Assert.Equal("Bearer secret-of-the-test", (string?)request["authorization"]);
        Assert.True((bool?)request["body"]!["stream"]);
        Assert.EndsWith("/v1/chat/completions", (string?)request["path"], StringComparison.Ordinal);
        Assert.DoesNotContain("secret-of-the-test", gateway.Log, StringComparison.Ordinal);
    }

    [RequiresProgramFact(RequiredProgram.Python)]
    public Task Device_survives_a_silent_server() => AssertDeviceSurvivesAsync("silent");

    [RequiresProgramFact(RequiredProgram.Python)]
    public Task Device_survives_a_server_that_sends_no_headers() => AssertDeviceSurvivesAsync("no-headers");

    [RequiresProgramFact(RequiredProgram.Python)]
    public Task Device_survives_an_error_status() => AssertDeviceSurvivesAsync("error-500");

    [RequiresProgramFact(RequiredProgram.Python)]
    public Task Device_survives_a_rejected_api_key() => AssertDeviceSurvivesAsync("error-401");

    [RequiresProgramFact(RequiredProgram.Python)]
    public Task Device_survives_status_429() => AssertDeviceSurvivesAsync("error-429");

    [RequiresProgramFact(RequiredProgram.Python)]
    public Task Device_survives_garbage() => AssertDeviceSurvivesAsync("garbage");

    [RequiresProgramFact(RequiredProgram.Python)]
    public Task Device_survives_invalid_json() => AssertDeviceSurvivesAsync("bad-json");

    [RequiresProgramFact(RequiredProgram.Python)]
    public Task Device_survives_an_empty_reply() => AssertDeviceSurvivesAsync("empty");

    [RequiresProgramFact(RequiredProgram.Python)]
    public async Task Sentences_received_before_the_stream_breaks_are_spoken()
    {
        IReadOnlyList<JsonObject> turn = await AssertDeviceSurvivesAsync("cut");
        Assert.StartsWith("这是第一句。", Transcript.Spoken(turn), StringComparison.Ordinal);
    }

    [RequiresProgramFact(RequiredProgram.Python)]
    public async Task Think_blocks_are_not_spoken()
    {
        IReadOnlyList<JsonObject> turn = await AssertDeviceSurvivesAsync("think");
        Assert.StartsWith("你说的是听得见吗？", Transcript.Spoken(turn), StringComparison.Ordinal);
        Assert.DoesNotContain("不能说", Transcript.Spoken(turn), StringComparison.Ordinal);
    }

    [RequiresProgramFact(RequiredProgram.Python)]
    public async Task Device_survives_a_refused_connection()
    {
        string[] options = [.. llm.Options("normal"), $"--FastGate:Llm:Providers:other:BaseUrl=http://127.0.0.1:{FreePort.Next()}/v1"];
        await AssertDeviceSurvivesAsync(options);
    }

    [RequiresProgramFact(RequiredProgram.Python)]
    public async Task Abort_ends_the_turn_and_cancels_the_provider_call()
    {
        string[] options = [.. llm.Options("silent"), "--FastGate:Llm:Timeouts:FirstToken=00:05:00", "--FastGate:Llm:Timeouts:Total=00:10:00"];
        await using GatewayProcess gateway = await GatewayProcess.StartAsync(options);
        await using DeviceClient device = await DeviceClient.ConnectAsync(gateway, "impatient");
        await device.HelloAsync();
        await device.SendAsync(DeviceTexts.Detect("等到明天"));
        await Eventually.TrueAsync(async () => (await llm.RequestsAsync()).Any(static item => LastUserText(item) == "等到明天"));
        await device.SendAsync("""{"type":"abort","reason":"wake_word_detected"}""");
        await device.ReceiveUntilAsync("tts", "stop");
        await Eventually.TrueAsync(async () =>
            (await llm.RequestsAsync()).Any(static item => LastUserText(item) == "等到明天" && (string?)item["end"] == "client left"));
        await device.PingAsync();
    }

    private Task<IReadOnlyList<JsonObject>> AssertDeviceSurvivesAsync(string model) => AssertDeviceSurvivesAsync(llm.Options(model));

    /// <summary>Asserts two turns on one connection, each with a spoken reply.</summary>
    private static async Task<IReadOnlyList<JsonObject>> AssertDeviceSurvivesAsync(string[] options)
    {
        await using GatewayProcess gateway = await GatewayProcess.StartAsync(options);
        await using DeviceClient device = await DeviceClient.ConnectAsync(gateway, "survivor");
        await device.HelloAsync();
        IReadOnlyList<JsonObject> first = await device.SayAsync("听得见吗？");
        Assert.NotEqual("", Transcript.Spoken(first));
        await device.PingAsync();
        Assert.NotEqual("", Transcript.Spoken(await device.SayAsync("还在吗？")));
        await device.PingAsync();
        return first;
    }

    private static string? LastUserText(JsonObject request)
    {
        JsonNode? content = request["body"]!["messages"]!.AsArray()[^1]!["content"];
        return content is JsonArray parts ? string.Concat(parts.Select(static part => (string?)part!["text"])) : (string?)content;
    }
}
