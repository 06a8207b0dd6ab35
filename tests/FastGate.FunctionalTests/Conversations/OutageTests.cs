using System.Globalization;
using System.Text.Json.Nodes;
using FastGate.FunctionalTests.Clients;
using FastGate.FunctionalTests.Server;
using FastGate.Testing.Conversation;

namespace FastGate.FunctionalTests.Conversations;

/// <summary>
/// A provider that is unavailable: devices stay connected, each utterance is answered, and after a few failures only the gateway's probe calls
/// the provider.
/// </summary>
public sealed class OutageTests
{
    private const string ErrorText = "先等一等。";
    private const string ErrorOption = "--FastGate:Session:SystemErrorResponse=" + ErrorText;

    /// <summary>Consecutive failures that open the breaker.</summary>
    private const int Threshold = 3;

    /// <summary>Upper bound of probes during a test; their intervals grow.</summary>
    private const int MostProbes = 8;

    [Fact]
    public async Task Unreachable_provider_is_only_probed_until_it_recovers_and_devices_stay_connected()
    {
        RefusingServer refusing = new();
        int port = refusing.Port;
        await using ConversationGateway talk = await ConversationGateway.StartAsync(
            static (_, _) => LlmReply.Says("never asked。"), ErrorOption, $"--FastGate:Llm:Providers:fake:BaseUrl=http://127.0.0.1:{port}/v1");
        DeviceClient[] devices = await ConnectAsync(talk, 20);
        for (int round = 0; round < 10; round++)
        {
            foreach (DeviceClient device in devices)
            {
                await AssertErrorTextAsync(device);
            }
        }

        Assert.InRange(refusing.Attempts, Threshold, Threshold + MostProbes);
        Assert.Equal((20 * 10) - Threshold, await talk.Admin.MetricAsync("fastgate_conversation_calls_total", "result=\"breaker_open\""));
        Assert.Equal(20, (await talk.Admin.DevicesAsync()).Count);
        Assert.Equal("open", (string?)(await ChatAsync(talk))["breaker"]);

        refusing.Dispose();
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
    public async Task Open_breaker_blocks_calls_of_users()
    {
        await using ConversationGateway talk = await ConversationGateway.StartAsync(static (_, _) => LlmReply.Fails(503), ErrorOption);
        DeviceClient[] devices = await ConnectAsync(talk, 5);
        foreach (DeviceClient device in devices.Concat(devices))
        {
            await AssertErrorTextAsync(device);
        }

        Assert.Equal("open", (string?)(await ChatAsync(talk))["breaker"]);
        for (int round = 0; round < 20; round++)
        {
            foreach (DeviceClient device in devices)
            {
                await AssertErrorTextAsync(device);
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
    public async Task Silent_provider_times_out_and_opens_the_breaker()
    {
        await using ConversationGateway talk = await ConversationGateway.StartAsync(
            static (_, _) => LlmReply.Silent(), ErrorOption, "--FastGate:Llm:Timeouts:FirstToken=00:00:01");
        DeviceClient[] devices = await ConnectAsync(talk, Threshold);
        foreach (DeviceClient device in devices)
        {
            await AssertErrorTextAsync(device);
        }

        await talk.Llm.Gone.ReachAsync(1);
        foreach (DeviceClient device in devices)
        {
            await AssertErrorTextAsync(device);
        }

        // On a slow machine a call may time out before the provider has read it.
        Assert.InRange(talk.Llm.Received.Count(static request => request.LastUser == "anybody?"), 1, Threshold);
        Assert.Equal(Threshold, await talk.Admin.MetricAsync("fastgate_conversation_calls_total", "result=\"breaker_open\""));
        Assert.Equal(Threshold, await talk.Admin.MetricAsync("fastgate_conversation_calls_total", "result=\"first_token_timeout\""));
    }

    [Fact]
    public async Task Default_provider_replaces_an_unreachable_one()
    {
        using RefusingServer refusing = new();
        await using ConversationGateway talk = await ConversationGateway.StartAsync(
            static (_, request) => LlmReply.Says($"instead {request.LastUser}。"),
            "--FastGate:Llm:Providers:dead:Type=openai",
            $"--FastGate:Llm:Providers:dead:BaseUrl=http://127.0.0.1:{refusing.Port}/v1",
            "--FastGate:Llm:Providers:dead:Model=dead",
            "--FastGate:Llm:ByMode:chat=dead",
            "--FastGate:Llm:Default=fake");
        DeviceClient[] devices = await ConnectAsync(talk, 1);
        for (int i = 0; i < 2 * Threshold; i++)
        {
            Assert.Equal([$"instead {i}。"], (await devices[0].SayAsync($"{i}")).Sentences());
        }

        Assert.InRange(refusing.Attempts, Threshold, Threshold + MostProbes);
        Assert.Equal(2 * Threshold, talk.Llm.Requests.Value);
    }

    private static async Task<DeviceClient[]> ConnectAsync(ConversationGateway talk, int count)
    {
        DeviceClient[] devices = await Task.WhenAll(Enumerable.Range(0, count).Select(i => DeviceClient.ConnectAsync(talk.Gateway, $"device{i}")));
        foreach (DeviceClient device in devices)
        {
            await device.HelloAsync();
        }

        return devices;
    }

    private static async Task AssertErrorTextAsync(DeviceClient device)
    {
        IReadOnlyList<JsonObject> turn = await device.SayAsync("anybody?");
        Assert.Equal(["stt", "llm", "tts start", "tts sentence_start", MessageKinds.Stop], turn.Kinds());
        Assert.Equal([ErrorText], turn.Sentences());
    }

    private static async Task<JsonNode> ChatAsync(ConversationGateway talk) =>
        (await talk.Admin.GetAsync("/api/v1/llm"))["purposes"]!.AsArray().Single(static row => (string?)row!["purpose"] == "chat")!;
}
