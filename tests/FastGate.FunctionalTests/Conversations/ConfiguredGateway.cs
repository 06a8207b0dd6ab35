using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using FastGate.FunctionalTests.Clients;
using FastGate.FunctionalTests.Server;
using FastGate.Testing.Conversation;

namespace FastGate.FunctionalTests.Conversations;

/// <summary>A server that reads its providers and prompt from a YAML file, and a device that checks by a turn which of them are active.</summary>
internal sealed class ConfiguredGateway : IAsyncDisposable
{
    public const string ApiKey = "a-real-secret";

    private const string Secret = "management-secret";
    private const string Question = "who answers?";

    private readonly string _directory = Directory.CreateTempSubdirectory("fastgate-reload-").FullName;

    private ConfiguredGateway(FakeOpenAiServer llm) => Llm = llm;

    public FakeOpenAiServer Llm { get; }

    public GatewayProcess Gateway { get; private set; } = null!;

    public AdminClient Admin { get; private set; } = null!;

    public DeviceClient Device { get; private set; } = null!;

    private string YamlPath => Path.Combine(_directory, "config.yaml");

    public static async Task<ConfiguredGateway> StartAsync(string alias, string prompt)
    {
        ConfiguredGateway started = new(await FakeOpenAiServer.StartAsync(static (_, request) => LlmReply.Says($"by {Model(request)}。")));
        started.Write(started.Yaml(alias, prompt));
        started.Gateway = await GatewayProcess.StartAsync(
            ["--FastGate:Config=" + started.YamlPath, "--FastGate:Management:Secret=" + Secret, .. ConversationGateway.LongTimeouts]);
        started.Admin = new AdminClient(started.Gateway);
        started.Device = await DeviceClient.ConnectAsync(started.Gateway, "listener");
        await started.AssertActiveAsync(alias, prompt);
        return started;
    }

    public static string Model(FakeLlmRequest request) => request.Body.GetProperty("model").GetString()!;

    public string Yaml(string alias, string prompt) => $"""
        prompt: {prompt}
        LLM:
          one:
            type: openai
            base_url: {Llm.Address}/v1
            model_name: one
            api_key: {ApiKey}
          two:
            type: openai
            base_url: {Llm.Address}/v1
            model_name: two
            api_key: {ApiKey}
        llm_by_mode:
          default: {alias}
          memory: echo

        """;

    /// <summary>Replaces the file atomically, as editors and orchestrators do.</summary>
    public void Write(string yaml) => Replace(yaml, written: null);

    /// <summary>Keeps length and time, so that the file watch sees no change.</summary>
    public void WriteWithoutNotice(string yaml)
    {
        Assert.Equal(new FileInfo(YamlPath).Length, Encoding.UTF8.GetByteCount(yaml));
        Replace(yaml, File.GetLastWriteTimeUtc(YamlPath));
    }

    public async Task<JsonObject> UpdateConfigAsync()
    {
        await Device.SendAsync(JsonSerializer.Serialize(new { type = "server", action = "update_config", content = new { secret = Secret } }));
        return (await Device.ReceiveUntilAsync("server"))[^1];
    }

    public async Task ReloadedAsync()
    {
        try
        {
            await Eventually.TrueAsync(() => Gateway.Log.Contains("Configuration reloaded", StringComparison.Ordinal));
        }
        catch (TimeoutException exception)
        {
            throw new TimeoutException($"The server did not reload:\n{Gateway.Log}", exception);
        }
    }

    public async Task AssertActiveAsync(string model, string prompt)
    {
        Assert.Equal([$"by {model}。"], (await Device.SayAsync(Question)).Sentences());
        string system = Llm.Received.Last(static request => request.LastUser == Question).Texts("system").Single();
        Assert.StartsWith(prompt + "\n", system, StringComparison.Ordinal);
        Assert.Equal(model, (string?)(await ChatAsync())["alias"]);
    }

    public async Task<JsonNode> ChatAsync() =>
        (await Admin.GetAsync("/api/v1/llm"))["purposes"]!.AsArray().Single(static row => (string?)row!["purpose"] == "chat")!;

    public async ValueTask DisposeAsync()
    {
        await Device.DisposeAsync();
        Admin.Dispose();
        await Gateway.DisposeAsync();
        await Llm.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }

    private void Replace(string yaml, DateTime? written)
    {
        string aside = YamlPath + ".new";
        File.WriteAllText(aside, yaml);
        if (written is { } time)
        {
            File.SetLastWriteTimeUtc(aside, time);
        }

        File.Move(aside, YamlPath, overwrite: true);
    }
}
