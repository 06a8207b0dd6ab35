using FastGate.Configuration.Loading;
using FastGate.Configuration.Options;
using FastGate.Connections;
using FastGate.Conversation.Workers;
using FastGate.Diagnostics;
using FastGate.Fleet;
using FastGate.Flight;
using FastGate.Hosting.Adapters;
using FastGate.Http.Admin;
using FastGate.Http.Health;
using FastGate.Limits;
using FastGate.Llm.Catalog;
using FastGate.Memory;
using FastGate.Memory.Journal;
using FastGate.Memory.Summaries;
using FastGate.Speech;
using FastGate.Tools.Servers;

namespace FastGate.Hosting;

/// <summary>Reports the state of the rooms to the HTTP endpoints.</summary>
internal sealed class GatewayStatus(
    GatewayConfiguration configuration,
    IGatewayRestart restart,
    ConnectionServices connections,
    FleetActs acts,
    GatewayDrain drain,
    FleetDrain fleetDrain,
    ConversationWorkers conversation,
    LlmCatalog catalog,
    SpeechServices speech,
    MemoryWriter memory,
    MemorySummarizer summarizer,
    McpServers mcp,
    FlightRecorder recorder,
    int maxConnections) : IGatewayStatus
{
    private readonly DateTimeOffset _startedAt = DateTimeOffset.UtcNow;

    /// <summary>Set by the listeners, which are created after this.</summary>
    public Func<ListenersReport> Listeners { private get; set; } = static () => throw new InvalidOperationException("The listeners are not created yet.");

    /// <summary>Set before the first question.</summary>
    public INodeList Nodes { get; set; } = new NodeList(null, static () => throw new InvalidOperationException("The gateway is not created yet."));

    public IEnumerable<string> Select(DeviceFilter filter) => acts.Select(filter).Select(static connection => connection.DeviceId);

    public IReadOnlyList<McpServerReport> McpServers() => mcp.Report();

    public StatusReport Status()
    {
        ReadinessReport readiness = Readiness();
        return new StatusReport
        {
            Version = ProcessMetrics.Version,
            StartedAt = _startedAt,
            UptimeSeconds = (long)(DateTimeOffset.UtcNow - _startedAt).TotalSeconds,
            Ready = readiness.Ready,
            Draining = drain.IsDraining || fleetDrain.IsOfAllDevices,
            Reasons = readiness.Reasons,
            Listeners = Listeners(),
            Connections = new ConnectionsReport((int)connections.Metrics.Open, connections.Registry.Count, maxConnections, recorder.Handshakes),
            Conversation = conversation.Status,
            Memory = memory.Status,
            Summaries = summarizer.Status,
            Configuration = configuration.Reloads,
            Restart = restart.Report(),
            Cluster = Nodes.Status,
        };
    }

    /// <summary>
    /// Not ready while the server drains all devices or is overloaded; a drain of some is a reason to report. A degraded memory, a cluster out of reach, a refused reload and a language model
    /// without its key are only reasons to report, because conversations continue.
    /// </summary>
    public ReadinessReport Readiness()
    {
        var reasons = new List<string>();
        if (drain.IsDraining)
        {
            reasons.Add("draining");
        }
        else if (fleetDrain.Active is { } devices)
        {
            reasons.Add($"draining: {devices}");
        }

        if (connections.Overload is { Level: not OverloadLevel.None, Reason: { } overload })
        {
            reasons.Add($"overloaded: {overload}");
        }

        if (memory.Health is { Degraded: true } health)
        {
            reasons.Add($"memory: {health.Reason}");
        }

        if (Nodes.Status is { LocalOnly: { } why })
        {
            reasons.Add($"cluster: local only ({why})");
        }

        if (configuration.Reloads.LastError is not null)
        {
            reasons.Add("configuration: the last reload was refused");
        }

        reasons.AddRange(catalog.Configuration.Problems.Select(static problem => $"llm: {problem}"));
        return new ReadinessReport(
            !drain.IsDraining && !fleetDrain.IsOfAllDevices && connections.Overload.Level == OverloadLevel.None, reasons);
    }

    public DeviceReport? Device(string deviceId)
    {
        if (connections.Registry.Find(deviceId) is not { Session: { } session } connection)
        {
            return null;
        }

        long now = connections.Clock.NowMs;
        (string? firmware, string? board) = connections.Fleet.Profiles.FindKind(deviceId);
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
            Language = session.Language is SessionLanguage.Auto ? null : session.Language.ToString(),
            OffersTools = session.Tools is not null,
            Firmware = firmware,
            Board = board,
            Tags = TagsOf(deviceId),
        };
    }

    public DeviceReport? DevicePage(string deviceId)
    {
        DeviceReport? connected = Device(deviceId);
        ProfileSnapshot? profile = connections.Fleet.Profiles.Find(deviceId);
        IReadOnlyCollection<string>? tags = TagsOf(deviceId);
        if (connected is null && profile is null && tags is null)
        {
            return null;
        }

        DeviceReport page = connected ?? new DeviceReport { DeviceId = deviceId, Connected = false, Tags = tags };
        return profile is null
            ? page
            : page with
            {
                Firmware = profile.Firmware,
                Board = profile.Board,
                ReportedAt = profile.ReportedAt,
                Counters = new DeviceCounters(profile.Turns.All, profile.Turns.Failed, profile.Turns.Cancelled, profile.Ends),
                LastTurns = profile.LastTurns,
                LastEnds = profile.LastEnds,
            };
    }

    private IReadOnlyCollection<string>? TagsOf(string deviceId) => connections.Fleet.Tags.Find(deviceId) is { Count: > 0 } tags ? tags : null;

    public IReadOnlyList<LlmExplanation> Llm() => catalog.Explain();

    public SpeechExplanation Speech() => speech.Explain();

    public async Task<MemoryPage> MemoryAsync(string deviceId, long afterId, int limit, CancellationToken cancellationToken) =>
        await memory.ReadAfterAsync(deviceId, afterId, limit, cancellationToken);

    public Task<int> EraseMemoryAsync(string deviceId, CancellationToken cancellationToken) => memory.EraseAsync(deviceId, cancellationToken);
}
