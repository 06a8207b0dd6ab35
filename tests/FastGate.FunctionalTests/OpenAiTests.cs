using System.Text.Json.Nodes;
using FastGate.FunctionalTests.Clients;
using FastGate.FunctionalTests.Server;

namespace FastGate.FunctionalTests;

/// <summary>
/// The whole road to an OpenAI-compatible server process and back. Whatever that server does, the device is answered and stays
/// connected.
/// </summary>
public sealed class OpenAiTests(OpenAiServer llm) : IClassFixture<OpenAiServer>
{
    [RequiresProgramFact(RequiredProgram.Python)]
    public async Task Reply_is_streamed_and_the_past_is_part_of_the_next_question()
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
    public Task Silent_server_costs_one_turn_not_the_device() => AssertSurvivedAsync("silent");

    [RequiresProgramFact(RequiredProgram.Python)]
    public Task Server_without_headers_costs_one_turn_not_the_device() => AssertSurvivedAsync("no-headers");

    [RequiresProgramFact(RequiredProgram.Python)]
    public Task Error_status_costs_one_turn_not_the_device() => AssertSurvivedAsync("error-500");

    [RequiresProgramFact(RequiredProgram.Python)]
    public Task Wrong_key_costs_one_turn_not_the_device() => AssertSurvivedAsync("error-401");

    [RequiresProgramFact(RequiredProgram.Python)]
    public Task Too_many_requests_cost_one_turn_not_the_device() => AssertSurvivedAsync("error-429");

    [RequiresProgramFact(RequiredProgram.Python)]
    public Task Garbage_costs_one_turn_not_the_device() => AssertSurvivedAsync("garbage");

    [RequiresProgramFact(RequiredProgram.Python)]
    public Task Bad_json_costs_one_turn_not_the_device() => AssertSurvivedAsync("bad-json");

    [RequiresProgramFact(RequiredProgram.Python)]
    public Task Empty_answer_is_still_an_answer() => AssertSurvivedAsync("empty");

    [RequiresProgramFact(RequiredProgram.Python)]
    public async Task Cut_stream_keeps_what_was_said()
    {
        IReadOnlyList<JsonObject> turn = await AssertSurvivedAsync("cut");
        Assert.StartsWith("这是第一句。", Transcript.Spoken(turn), StringComparison.Ordinal);
    }

    [RequiresProgramFact(RequiredProgram.Python)]
    public async Task Thoughts_are_not_spoken()
    {
        IReadOnlyList<JsonObject> turn = await AssertSurvivedAsync("think");
        Assert.StartsWith("你说的是听得见吗？", Transcript.Spoken(turn), StringComparison.Ordinal);
        Assert.DoesNotContain("不能说", Transcript.Spoken(turn), StringComparison.Ordinal);
    }

    [RequiresProgramFact(RequiredProgram.Python)]
    public async Task Nobody_listening_costs_one_turn_not_the_device()
    {
        string[] options = [.. llm.Options("normal"), $"--FastGate:Llm:Providers:other:BaseUrl=http://127.0.0.1:{FreePort.Next()}/v1"];
        await AssertSurvivedAsync(options);
    }

    [RequiresProgramFact(RequiredProgram.Python)]
    public async Task Abort_ends_the_turn_and_the_call_itself()
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

    private Task<IReadOnlyList<JsonObject>> AssertSurvivedAsync(string model) => AssertSurvivedAsync(llm.Options(model));

    /// <summary>Two turns on one connection: each begins, says something, stops; the device is never closed.</summary>
    private static async Task<IReadOnlyList<JsonObject>> AssertSurvivedAsync(string[] options)
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
