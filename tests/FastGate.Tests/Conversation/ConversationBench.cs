using System.Diagnostics.Metrics;
using FastGate.Configuration.Options;
using FastGate.Conversation;
using FastGate.Conversation.Workers;
using FastGate.Diagnostics;
using FastGate.Llm.Calls;
using FastGate.Llm.Catalog;
using FastGate.Llm.Providers;
using FastGate.Llm.Settings;
using FastGate.Testing.Conversation;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace FastGate.Tests.Conversation;

/// <summary>The conversation as the host builds it, with replaceable parts.</summary>
internal sealed class ConversationBench : IAsyncDisposable
{
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly TimeProvider _time;

    public ConversationBench(
        IEnumerable<(string Key, string? Value)> llm, IChatClientFactory? factory = null, TimeProvider? time = null, ConversationWorkerOptions? options = null)
    {
        _time = time ?? TimeProvider.System;
        IMeterFactory meters = _services.GetRequiredService<IMeterFactory>();
        Meter = GatewayMeter.Create(meters).Meter;
        Metrics = new ConversationMetrics(meters);
        Catalog = new LlmCatalog(Read(llm), factory ?? new ChatClientFactory(), NullLogger<LlmCatalog>.Instance);
        Calls = new LlmCalls(Catalog, Metrics, CallLog, _time);
        Workers = new ConversationWorkers(Calls, options ?? new ConversationWorkerOptions(), Metrics, WorkerLog, _time);
    }

    /// <summary>The meter of this bench alone; tests run in parallel.</summary>
    public Meter Meter { get; }

    public ConversationMetrics Metrics { get; }

    public RecordingLogger<LlmCalls> CallLog { get; } = new();

    public RecordingLogger<ConversationWorkers> WorkerLog { get; } = new();

    public LlmCatalog Catalog { get; }

    public LlmCalls Calls { get; }

    public ConversationWorkers Workers { get; }

    public ConversationTexts Texts { get; set; } = new("你是测试。", "请道别。", "系统忙。");

    public InMemoryDialogueMemory Memory { get; init; } = new();

    public static LlmConfiguration Read(IEnumerable<(string Key, string? Value)> llm)
    {
        IConfigurationSection section = new ConfigurationBuilder()
            .AddInMemoryCollection(llm.GroupBy(static pair => pair.Key).Select(static same => KeyValuePair.Create("FastGate:Llm:" + same.Key, same.Last().Value)))
            .Build().GetSection("FastGate:Llm");
        return LlmConfiguration.Read(section, section.GetSection("Timeouts").Get<LlmTimeouts>());
    }

    /// <summary>A bench with one fake client.</summary>
    public static ConversationBench With(IChatClient client, TimeProvider? time = null, ConversationWorkerOptions? options = null) => new(
        [("Providers:fake:Type", "openai"), ("Providers:fake:Model", "fake"), ("Default", "fake")], new FakeChatClientFactory(_ => client), time, options);

    /// <summary>A bench with a real HTTP server as provider.</summary>
    public static ConversationBench At(FakeLlmServer server, params (string Key, string? Value)[] more) => At(server, null, more);

    public static ConversationBench At(FakeLlmServer server, TimeProvider? time, params (string Key, string? Value)[] more) => new(
        [
            ("Providers:real:Type", server is FakeAnthropicServer ? "anthropic" : "openai"), ("Providers:real:Model", "m"),
            ("Providers:real:ApiKey", "k"), ("Providers:real:BaseUrl", server.Address), ("Default", "real"), .. more,
        ],
        time: time);

    /// <summary>A dialogue without tools unless the test gives options for them.</summary>
    public Dialogue Dialogue(string device = "aa:bb", DialogueLimits? limits = null, ToolOptions? tools = null, params AIFunction[] deviceTools) =>
        new(device, "s-" + device, Memory, () => Texts, _time, NullLogger.Instance, limits)
        {
            ToolOptions = tools is null ? null : () => tools,
            DeviceTools = deviceTools.Length == 0 ? null : new FakeToolSource(deviceTools),
        };

    public (Turn Turn, RecordingReplySink Sink) Submit(Dialogue dialogue, string words, string? purpose = null, TurnKind kind = TurnKind.Utterance)
    {
        var sink = new RecordingReplySink();
        var turn = new Turn { Utterance = words, Sink = sink, Purpose = purpose, Kind = kind };
        Assert.True(Workers.TrySubmit(dialogue, turn));
        return (turn, sink);
    }

    public async Task<RecordingReplySink> SayAsync(string words, Dialogue? dialogue = null, string? purpose = null)
    {
        (Turn _, RecordingReplySink? sink) = Submit(dialogue ?? Dialogue(), words, purpose);
        await sink.Completed;
        return sink;
    }

    public async ValueTask DisposeAsync()
    {
        await Workers.DisposeAsync();
        Catalog.Dispose();
        await _services.DisposeAsync();
    }
}
