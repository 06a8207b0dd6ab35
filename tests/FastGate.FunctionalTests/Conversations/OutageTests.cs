using System.Globalization;
using System.Text.Json.Nodes;
using FastGate.FunctionalTests.Clients;
using FastGate.FunctionalTests.Server;
using FastGate.Testing.Conversation;

namespace FastGate.FunctionalTests.Conversations;

/// <summary>
/// A provider that is gone for a while: no device is closed, each utterance is answered, and after the first few nobody knocks at its door but
/// the gateway's own probe.
/// </summary>
public sealed class OutageTests
{
    private const string ErrorLine = "先等一等。";
    private const string Sorry = "--FastGate:Session:SystemErrorResponse=" + ErrorLine;

    // Failures in a row that open the breaker.
    private const int Threshold = 3;

    /// <summary>Probes come at growing distances; in the time a test may take there are never more.</summary>
    private const int MostProbes = 8;

    [Fact]
    public async Task Unreachable_provider_costs_no_device_its_connection_and_is_left_alone_until_it_is_back()
    {
        RefusingServer gone = new();
        int port = gone.Port;
        await using TalkingGateway talk = await TalkingGateway.StartAsync(
            static (_, _) => LlmReply.Says("never asked。"), Sorry, $"--FastGate:Llm:Providers:fake:BaseUrl=http://127.0.0.1:{port}/v1");
        DeviceClient[] devices = await ConnectAsync(talk, 20);
        for (int round = 0; round < 10; round++)
        {
            foreach (DeviceClient device in devices)
            {
                await AssertErrorLineAsync(device);
            }
        }

        Assert.InRange(gone.Attempts, Threshold, Threshold + MostProbes);
        Assert.Equal((20 * 10) - Threshold, await talk.Admin.MetricAsync("fastgate_conversation_calls_total", "result=\"breaker_open\""));
        Assert.Equal(20, (await talk.Admin.DevicesAsync()).Count);
        Assert.Equal("open", (string?)(await ChatAsync(talk))["breaker"]);

        gone.Dispose();
        await using FakeOpenAiServer back = await FakeOpenAiServer.StartAsync(static (_, request) => LlmReply.Says($"back {request.LastUser}。"), port);
        await Eventually.TrueAsync(async () => (string?)(await ChatAsync(talk))["breaker"] == "closed", Deadline.Program);
        for (int i = 0; i < devices.Length; i++)
        {
            string said = string.Create(CultureInfo.InvariantCulture, $"again {i}");
            Assert.Equal([$"back {said}。"], (await devices[i].SayAsync(said)).Sentences());
            devices[i].Drop();
        }

        Assert.Equal(0, talk.Llm.Requests.Value);
    }

    [Fact]
    public async Task Failing_provider_is_asked_nothing_of_the_users_while_its_breaker_is_open()
    {
        await using TalkingGateway talk = await TalkingGateway.StartAsync(static (_, _) => LlmReply.Fails(503), Sorry);
        DeviceClient[] devices = await ConnectAsync(talk, 5);
        foreach (DeviceClient device in devices.Concat(devices))
        {
            await AssertErrorLineAsync(device);
        }

        Assert.Equal("open", (string?)(await ChatAsync(talk))["breaker"]);
        for (int round = 0; round < 20; round++)
        {
            foreach (DeviceClient device in devices)
            {
                await AssertErrorLineAsync(device);
            }
        }

        Assert.Equal(Threshold, talk.Llm.Received.Count(static request => request.LastUser == "anybody?"));
        Assert.Equal(
            (devices.Length * 22) - Threshold, await talk.Admin.MetricAsync("fastgate_conversation_calls_total", "result=\"breaker_open\""));
        Assert.Equal(devices.Length, (await talk.Admin.DevicesAsync()).Count);
        talk.Llm.Script = static (_, _) => LlmReply.Says("here。");
        await Eventually.TrueAsync(async () => (await devices[0].SayAsync("anybody?")).Sentences().Single() == "here。", Deadline.Program);
        await Eventually.TrueAsync(() => talk.Gateway.Log.Contains("answers again", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Silent_provider_is_given_up_within_its_budget_and_then_left_alone()
    {
        await using TalkingGateway talk = await TalkingGateway.StartAsync(
            static (_, _) => LlmReply.Silent(), Sorry, "--FastGate:Llm:Timeouts:FirstToken=00:00:01");
        DeviceClient[] devices = await ConnectAsync(talk, Threshold);
        foreach (DeviceClient device in devices)
        {
            await AssertErrorLineAsync(device);
        }

        await talk.Llm.Gone.ReachAsync(1);
        foreach (DeviceClient device in devices)
        {
            await AssertErrorLineAsync(device);
        }

        // On a slow machine a call may be given up before the provider has read it.
        Assert.InRange(talk.Llm.Received.Count(static request => request.LastUser == "anybody?"), 1, Threshold);
        Assert.Equal(Threshold, await talk.Admin.MetricAsync("fastgate_conversation_calls_total", "result=\"breaker_open\""));
        Assert.Equal(Threshold, await talk.Admin.MetricAsync("fastgate_conversation_calls_total", "result=\"first_token_timeout\""));
    }

    [Fact]
    public async Task Default_provider_takes_over_from_a_dead_one()
    {
        using RefusingServer gone = new();
        await using TalkingGateway talk = await TalkingGateway.StartAsync(
            static (_, request) => LlmReply.Says($"instead {request.LastUser}。"),
            "--FastGate:Llm:Providers:dead:Type=openai",
            $"--FastGate:Llm:Providers:dead:BaseUrl=http://127.0.0.1:{gone.Port}/v1",
            "--FastGate:Llm:Providers:dead:Model=dead",
            "--FastGate:Llm:ByMode:chat=dead",
            "--FastGate:Llm:Default=fake");
        DeviceClient[] devices = await ConnectAsync(talk, 1);
        for (int i = 0; i < 2 * Threshold; i++)
        {
            Assert.Equal([$"instead {i}。"], (await devices[0].SayAsync($"{i}")).Sentences());
        }

        Assert.InRange(gone.Attempts, Threshold, Threshold + MostProbes);
        Assert.Equal(2 * Threshold, talk.Llm.Requests.Value);
    }

    private static async Task<DeviceClient[]> ConnectAsync(TalkingGateway talk, int count)
    {
        DeviceClient[] devices = await Task.WhenAll(Enumerable.Range(0, count).Select(i => DeviceClient.ConnectAsync(talk.Gateway, $"patient{i}")));
        foreach (DeviceClient device in devices)
        {
            await device.HelloAsync();
        }

        return devices;
    }

    private static async Task AssertErrorLineAsync(DeviceClient device)
    {
        IReadOnlyList<JsonObject> turn = await device.SayAsync("anybody?");
        Assert.Equal(["stt", "llm", "tts start", "tts sentence_start", Wire.Stop], turn.Kinds());
        Assert.Equal([ErrorLine], turn.Sentences());
    }

    private static async Task<JsonNode> ChatAsync(TalkingGateway talk) =>
        (await talk.Admin.GetAsync("/api/v1/llm"))["purposes"]!.AsArray().Single(static row => (string?)row!["purpose"] == "chat")!;
}
