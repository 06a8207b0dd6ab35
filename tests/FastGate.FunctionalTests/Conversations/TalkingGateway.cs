using System.Text.Json.Nodes;
using FastGate.FunctionalTests.Server;
using FastGate.Testing.Conversation;

namespace FastGate.FunctionalTests.Conversations;

/// <summary>A server process and the scripted provider it asks, with the doors a test looks through.</summary>
internal sealed class TalkingGateway : IAsyncDisposable
{
    private TalkingGateway(FakeOpenAiServer llm, GatewayProcess gateway)
    {
        Llm = llm;
        Gateway = gateway;
        Admin = new AdminClient(gateway);
    }

    public FakeOpenAiServer Llm { get; }

    public GatewayProcess Gateway { get; }

    public AdminClient Admin { get; }

    /// <summary>A provider that waits as long as a test wants it to: no deadline of the gateway's takes part.</summary>
    public static string[] Patient { get; } =
    [
        "--FastGate:Llm:Timeouts:Connect=00:00:30",
        "--FastGate:Llm:Timeouts:FirstToken=00:05:00",
        "--FastGate:Llm:Timeouts:BetweenTokens=00:05:00",
        "--FastGate:Llm:Timeouts:Total=00:10:00",
    ];

    public static async Task<TalkingGateway> StartAsync(Func<int, FakeLlmRequest, LlmReply> script, params string[] options)
    {
        FakeOpenAiServer llm = await FakeOpenAiServer.StartAsync(script);
        try
        {
            return new TalkingGateway(llm, await GatewayProcess.StartAsync([.. ProviderAt(llm.Address), .. options]));
        }
        catch
        {
            await llm.DisposeAsync();
            throw;
        }
    }

    /// <summary>Every purpose answered by this server. Summaries only at disconnect, so that a test can tell turns from them.</summary>
    public static string[] ProviderAt(string address) =>
    [
        "--FastGate:Llm:Providers:fake:Type=openai",
        $"--FastGate:Llm:Providers:fake:BaseUrl={address}/v1",
        "--FastGate:Llm:Providers:fake:Model=fake",
        "--FastGate:Llm:ByMode:default=fake",
        "--FastGate:Llm:ByMode:memory=echo",
    ];

    /// <summary>Waits until no turn waits or is in progress.</summary>
    public Task IdleAsync() => Eventually.TrueAsync(async () =>
    {
        JsonNode conversation = (await Admin.StatusAsync())["conversation"]!;
        return (int)conversation["waiting"]! == 0 && (int)conversation["inFlight"]! == 0;
    });

    public async ValueTask DisposeAsync()
    {
        Admin.Dispose();
        await Gateway.DisposeAsync();
        await Llm.DisposeAsync();
    }
}
