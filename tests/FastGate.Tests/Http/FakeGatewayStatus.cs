using System.Diagnostics.Metrics;
using System.Net;
using FastGate.Conversation.Workers;
using FastGate.Diagnostics;
using FastGate.Http.Admin;
using FastGate.Llm.Catalog;
using FastGate.Memory;
using FastGate.Memory.Summaries;
using FastGate.Speech;
using FastGate.Speech.Settings;
using FastGate.Tools.Servers;
using Microsoft.Extensions.DependencyInjection;

namespace FastGate.Tests.Http;

/// <summary>A gateway whose state the test sets.</summary>
internal sealed class FakeGatewayStatus : IGatewayStatus
{
    public List<string> Ids { get; } = [];

    public Dictionary<string, List<StoredExchange>> Turns { get; } = [];

    public StoredSummary? Summary { get; set; }

    public Exception? MemoryFailure { get; set; }

    /// <summary>Erases in place of the built-in answer.</summary>
    public Func<string, Task<int>>? Erase { get; set; }

    public IEnumerable<string> Select(DeviceFilter filter)
    {
        Func<DeviceFacts, bool> matches = filter.Compile();
        return Ids.Where(id => matches(new DeviceFacts(id, IPAddress.Loopback, AgeSeconds: 60)));
    }

    public StatusReport Status() => new()
    {
        Version = "0.1.0",
        StartedAt = DateTimeOffset.UnixEpoch,
        UptimeSeconds = 5,
        Ready = true,
        Draining = false,
        Listeners = new ListenersReport("0.0.0.0:8000", "0.0.0.0:8003", "127.0.0.1:8002", "EventLoop"),
        Connections = new ConnectionsReport(3, 2, 100, 1),
        Conversation = new ConversationStatus(2, 0, 4_096, 1, 256, 0.5, 0, 0, false),
        Memory = new MemoryStatus(true, 2, 0, 65_536, 0, 1_000, 7, 0, 1, 0.5, 0, 8_192, 0.25, false, null),
        Restart = new FakeRestart().Report(),
        Summaries = new SummaryStatus(4, 9, 100, 1, 0.25, 10),
    };

    public DeviceReport? Device(string deviceId) =>
        Ids.Contains(deviceId) ? new DeviceReport { DeviceId = deviceId, IdleSeconds = 1.5, HelloSeen = true } : null;

    public DeviceReport? DevicePage(string deviceId) => Device(deviceId);

    public IReadOnlyList<LlmExplanation> Llm() =>
    [
        new LlmExplanation
        {
            Purpose = "chat", Alias = "echo", Type = "echo", Overrides = new Dictionary<string, string> { ["temperature"] = "0.5" }, Why = "默认", Breaker = "unused",
        },
    ];

    public SpeechExplanation Speech() => new()
    {
        Mode = "conversation",
        Why = "recogniser 耳朵",
        Codec = "libopus",
        Detector = "energy",
        Recognizers =
        [
            SpeechProviderExplanation.Of(new SpeechGuard(
                new SpeechProviderSettings { Alias = "耳朵", Type = "openai", Origins = [new SpeechSettingOrigin("ApiKey", "***", "Speech:Asr:Providers:耳朵:ApiKey")] },
                new SpeechMetrics(new ServiceCollection().AddMetrics().BuildServiceProvider().GetRequiredService<IMeterFactory>()),
                TimeProvider.System)),
        ],
        Synthesizers = [],
        MemoryInUse = 0,
        MemoryLimit = 1,
    };

    public IReadOnlyList<McpServerReport> McpServers() =>
    [
        new McpServerReport("clock", "stdio", McpServerState.Ready, [new McpToolReport("now", "now", "The time")], 2, "the program ended with status 1", DateTimeOffset.UnixEpoch),
    ];

    public Task<MemoryPage> MemoryAsync(string deviceId, long afterId, int limit, CancellationToken cancellationToken)
    {
        if (MemoryFailure is not null)
        {
            throw MemoryFailure;
        }

        StoredExchange[] after = [.. (Turns.GetValueOrDefault(deviceId) ?? []).Where(turn => turn.Id > afterId)];
        return Task.FromResult(new MemoryPage(Summary, [.. after.Take(limit)], after.Length > limit));
    }

    public Task<int> EraseMemoryAsync(string deviceId, CancellationToken cancellationToken)
    {
        if (MemoryFailure is not null)
        {
            throw MemoryFailure;
        }

        if (Erase is not null)
        {
            return Erase(deviceId);
        }

        int count = Turns.GetValueOrDefault(deviceId)?.Count ?? 0;
        Turns.Remove(deviceId);
        return Task.FromResult(count);
    }
}
