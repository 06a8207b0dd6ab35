using System.Text.Json.Nodes;
using FastGate.FunctionalTests.Server;
using FastGate.Testing.Conversation;

namespace FastGate.FunctionalTests.Conversations;

/// <summary>A server process, its scripted provider, and an admin client.</summary>
internal sealed class ConversationGateway : IAsyncDisposable
{
    private ConversationGateway(FakeOpenAiServer llm, GatewayProcess gateway)
    {
        Llm = llm;
        Gateway = gateway;
        Admin = new AdminClient(gateway);
    }

    public FakeOpenAiServer Llm { get; }

    public GatewayProcess Gateway { get; }

    public AdminClient Admin { get; }

    /// <summary>LLM timeouts that are longer than any test.</summary>
    public static string[] LongTimeouts { get; } =
    [
        "--FastGate:Llm:Timeouts:Connect=00:00:30",
        "--FastGate:Llm:Timeouts:FirstToken=00:05:00",
        "--FastGate:Llm:Timeouts:BetweenTokens=00:05:00",
        "--FastGate:Llm:Timeouts:Total=00:10:00",
    ];

    public static async Task<ConversationGateway> StartAsync(Func<int, FakeLlmRequest, LlmReply> script, params string[] options)
    {
        FakeOpenAiServer llm = await FakeOpenAiServer.StartAsync(script);
        try
        {
            return new ConversationGateway(llm, await GatewayProcess.StartAsync([.. ProviderAt(llm.Address), .. options]));
        }
        catch
        {
            await llm.DisposeAsync();
            throw;
        }
    }

    /// <summary>Options that use this server for every purpose but summaries, so that it receives turns only.</summary>
    public static string[] ProviderAt(string address) =>
    [
        "--FastGate:Llm:Providers:fake:Type=openai",
        $"--FastGate:Llm:Providers:fake:BaseUrl={address}/v1",
        "--FastGate:Llm:Providers:fake:Model=fake",
        "--FastGate:Llm:ByMode:default=fake",
        "--FastGate:Llm:ByMode:memory=echo",
    ];

    /// <summary>Waits until no turn is queued or in progress.</summary>
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
