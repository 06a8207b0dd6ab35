using FastGate.Connections;
using FastGate.Conversation.Workers;
using FastGate.Diagnostics;
using FastGate.Http.Admin;
using FastGate.Http.Health;
using FastGate.Llm.Catalog;
using FastGate.Memory;
using FastGate.Memory.Journal;
using FastGate.Memory.Summaries;

namespace FastGate.Hosting;

/// <summary>Answers what the HTTP doors ask about the rooms below.</summary>
internal sealed class GatewayStatus(
    ConnectionServices door,
    GatewayDrain drain,
    ConversationWorkers conversation,
    LlmCatalog catalog,
    MemoryWriter memory,
    MemorySummarizer summarizer,
    HandshakeRecorder recorder,
    int maxConnections,
    Func<ListenersReport> doors) : IGatewayStatus
{
    private readonly DateTimeOffset _startedAt = DateTimeOffset.UtcNow;

    public int DeviceCount => door.Registry.Count;

    public IEnumerable<string> DeviceIds
    {
        get
        {
            foreach (DeviceConnection connection in door.Registry)
            {
                yield return connection.DeviceId;
            }
        }
    }

    public StatusReport Status()
    {
        ReadinessReport readiness = Readiness();
        return new StatusReport
        {
            Version = ProcessMetrics.Version,
            StartedAt = _startedAt,
            UptimeSeconds = (long)(DateTimeOffset.UtcNow - _startedAt).TotalSeconds,
            Ready = readiness.Ready,
            Draining = drain.IsDraining,
            Reasons = readiness.Reasons,
            Listeners = doors(),
            Connections = new ConnectionsReport((int)door.Metrics.Open, door.Registry.Count, maxConnections, recorder.Total),
            Conversation = conversation.Status,
            Memory = memory.Status,
            Summaries = summarizer.Status,
        };
    }

    /// <summary>
    /// A drain turns devices away; a memory in trouble does not, because conversations go on without it, but an operator must be able to see it.
    /// </summary>
    public ReadinessReport Readiness()
    {
        var reasons = new List<string>();
        if (drain.IsDraining)
        {
            reasons.Add("draining");
        }

        if (memory.Health is { Degraded: true } health)
        {
            reasons.Add($"memory: {health.Reason}");
        }

        return new ReadinessReport(!drain.IsDraining, reasons);
    }

    public DeviceReport? Device(string deviceId)
    {
        if (door.Registry.Find(deviceId) is not { Session: { } session } connection)
        {
            return null;
        }

        long now = door.Clock.NowMs;
        return new DeviceReport
        {
            DeviceId = connection.DeviceId,
            SessionId = session.SessionId.ToString(),
            RemoteAddress = connection.Context.RemoteEndPoint?.ToString(),
            IdentitySource = connection.IdentitySource.ToString(),
            Phase = connection.Phase.ToString(),
            ConnectedAt = DateTimeOffset.UtcNow.AddMilliseconds(connection.OpenedMs - now),
            IdleSeconds = (now - connection.LastInboundMs) / 1000.0,
            HelloSeen = session.HelloSeen,
            Audio = session.Audio.ToString(),
        };
    }

    public IReadOnlyList<LlmExplanation> Llm() => catalog.Explain();

    public async Task<MemoryPage> MemoryAsync(string deviceId, long afterId, int limit, CancellationToken cancellationToken) =>
        await memory.ReadAfterAsync(deviceId, afterId, limit, cancellationToken);

    public Task<int> EraseMemoryAsync(string deviceId, CancellationToken cancellationToken) => memory.EraseAsync(deviceId, cancellationToken);
}
