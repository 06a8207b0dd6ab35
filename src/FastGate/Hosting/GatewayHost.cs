using System.Diagnostics.Metrics;
using FastGate.Auth;
using FastGate.Cluster;
using FastGate.Configuration.Loading;
using FastGate.Configuration.Options;
using FastGate.Connections;
using FastGate.Conversation;
using FastGate.Conversation.Workers;
using FastGate.Diagnostics;
using FastGate.Fleet;
using FastGate.Flight;
using FastGate.Hosting.Adapters;
using FastGate.Http.Vision;
using FastGate.Limits;
using FastGate.Llm.Calls;
using FastGate.Llm.Catalog;
using FastGate.Llm.Providers;
using FastGate.Memory;
using FastGate.Memory.Journal;
using FastGate.Memory.Sqlite;
using FastGate.Memory.Summaries;
using FastGate.Registry;
using FastGate.Restart;
using FastGate.Sessions;
using FastGate.Speech;
using FastGate.Timers;
using FastGate.Tools.Servers;
using FastGate.Transport;
using FastGate.Transport.Diagnostics;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;

namespace FastGate.Hosting;

/// <summary>
/// The only wiring: creates the rooms in the order of their dependencies, and disposes of them in the opposite order.
/// </summary>
internal sealed partial class GatewayHost : IAsyncDisposable
{
    private readonly GatewayOptions _options;
    private readonly MemoryWriter _memory;
    private readonly FleetRecords _fleet;
    private readonly MemorySummarizer _summarizer;
    private readonly LlmCatalog _catalog;
    private readonly ConversationWorkers _conversation;
    private readonly GatewayClock _clock = new();
    private readonly TimerThread _timers;
    private readonly SpeechServices _speech;
    private readonly McpServers _mcp;
    private readonly VisionAddresses _visionAddresses;
    private readonly FleetControl _control;
    private readonly ConnectionServices _connections;
    private readonly ClusterNode? _cluster;
    private readonly ITransport _transport;
    private readonly GatewayTelemetry _telemetry;
    private readonly GatewayListeners _listeners;
    private readonly IdleMemory _idleMemory;
    private readonly FleetWalk _walk;
    private readonly OverloadWatch _overload;
    private readonly ILogger _log;
    private readonly int _maxConnections;
    private readonly CancellationTokenSource _stop = new();
    private DatabaseLock? _databaseLock;

    public GatewayHost(GatewayConfiguration configuration, ILoggerFactory logs, IMeterFactory meters, int inheritedConnections = 0, LogLevels? levels = null)
    {
        _options = configuration.Current;
        _log = logs.CreateLogger<GatewayHost>();
        int maxConnections = _maxConnections = DeviceTransportFactory.ClampConnections(_options.Devices, inheritedConnections, _log);
        TimeProvider time = TimeProvider.System;

        // Before any instrument: it does not see what was counted before it listened.
        _telemetry = new GatewayTelemetry(meters, ExportOf(_options.Telemetry), logs);
        if (_telemetry.Logs is { } exported)
        {
            logs.AddProvider(new LogRateLimiter(exported, time));
        }

        ConfigurationMetrics.Create(meters, () => configuration.Reloads.Applied, () => configuration.Reloads.Refused);
        var memoryMetrics = new MemoryMetrics(meters);
        var memoryLimits = new MemoryLimits { Pending = _options.Workers.Memory.Queue };
        IMemoryStore store = OpenStore(logs, time);
        _memory = new MemoryWriter(store, _options.Memory, memoryLimits, memoryMetrics, logs.CreateLogger<MemoryWriter>(), time);

        _fleet = new FleetRecords(_options.Memory.Provider == MemoryProviderKind.None ? new NullFleetStore() : new SqliteFleetStore(_options.Memory.Path), time, _log, _options.Cluster.Redis is null ? 0 : Random.Shared.Next(1, 1 << 12));

        _mcp = new McpServers(configuration.Snapshot.Mcp, new McpMetrics(meters), logs.CreateLogger<McpServers>(), time);
        var conversationMetrics = new ConversationMetrics(meters);
        _catalog = new LlmCatalog(configuration.Snapshot.Llm, new ChatClientFactory(), logs.CreateLogger<LlmCatalog>());
        var calls = new LlmCalls(_catalog, conversationMetrics, logs.CreateLogger<LlmCalls>(), time);
        _conversation = new ConversationWorkers(
            calls, DeviceTransportFactory.ClampCalls(_options.Workers.Conversation, logs.CreateLogger<GatewayHost>()), conversationMetrics, logs.CreateLogger<ConversationWorkers>(), time);
        _summarizer = new MemorySummarizer(
            _memory, new ChatSummaryModel(_conversation), _options.Memory, memoryLimits, memoryMetrics, logs.CreateLogger<MemorySummarizer>(), time);

        GatewayClock clock = _clock;
        _timers = new TimerThread(clock, new TimersMetrics(meters), logs.CreateLogger<TimerThread>());
        var sessionMetrics = new SessionMetrics(meters);
        var speechMetrics = new SpeechMetrics(meters);
        _speech = new SpeechServices(
            _options.Speech,
            SpeechProviders.Create(configuration.Snapshot.Speech, speechMetrics, time),
            DeviceSession.DownlinkFrameMs,
            speechMetrics,
            logs.CreateLogger<SpeechServices>());
        Restart = new GatewayRestart(configuration, next => _listeners!.WhyNotBindable(next), () => HandOver!.RunAsync(), meters, logs);
        var guesses = new GuessBackoff(time);
        var authPolicy = new AuthPolicy(_options.Auth, logs.CreateLogger<AuthPolicy>());
        var visionTokens = new VisionTokens(authPolicy);
        _visionAddresses = new VisionAddresses { Scheme = _options.Devices.Tls.Required ? "https" : "http" };
        var visionAccess = new VisionAccess(configuration, visionTokens, _visionAddresses, _catalog, time);
        var vision = new VisionService(configuration, visionTokens, visionAccess, calls, new VisionMetrics(meters), logs.CreateLogger<VisionService>(), time);
        var sessions = new SessionServices(
            _options,
            _conversation,
            new DialogueMemory(_memory, _summarizer, new DialogueLimits().Turns),
            new GatewayManagement(Restart.Requests, () => configuration.Reload().Succeeded),
            _speech,
            guesses,
            sessionMetrics,
            new DeviceToolMetrics(meters),
            time,
            logs.CreateLogger<DeviceSession>())
        {
            OperatorTools = _mcp,
            Profiles = _fleet.Profiles,
        };
        sessions.DeviceTools.Vision = visionAccess;

        var adminMetrics = new AdminMetrics(meters);
        var recorder = new FlightRecorder { Traces = OpenTraces(logs, time) };
        var limitMetrics = new LimitMetrics(meters);
        _connections = new ConnectionServices(
            _options.Devices,
            new ConnectionRegistry<DeviceConnection>(maxConnections, _options.Devices.DuplicateDevice == DuplicateDevicePolicy.Replace),
            _timers,
            clock,
            new DeviceAuthenticator(authPolicy),
            sessions,
            recorder,
            new ConnectionMetrics(meters),
            logs.CreateLogger<DeviceConnection>())
        {
            Fleet = _fleet,
            Origins = ConnectionServices.OriginsOf(_options),
            Limits = new SourceLimits(_options.Devices.Rates, () => clock.NowMs, limitMetrics, _log, time),
            Tls = CreateTls(meters, logs, time),
        };
        _ = new SuspectActs(_connections, limitMetrics, _log);
        _cluster = CreateCluster(meters, logs, time);
        _connections.Directory = _cluster?.Directory;
        _connections.Metrics.ObserveUnfinished(() => _connections.Unfinished.Bytes);
        _control = new FleetControl(_options, () => (store as SqliteMemoryStore)?.Openings ?? 0, _connections, _cluster, meters, logs, time);
        _transport = DeviceTransportFactory.Create(_options.Devices, logs, new TransportMetrics(GatewayMeter.Create(meters).Meter), _connections.Limits);
        Drain = new GatewayDrain(
            _options.Drain, _connections, _transport, _conversation, _memory.FlushAsync, _summarizer.DisposeAsync, time, logs.CreateLogger<GatewayDrain>());

        _overload = new OverloadWatch(
            () => configuration.Current.Overload, OverloadWatch.Reader(_transport, time), _connections, _conversation, new OverloadMetrics(meters, () => (int)_connections.Overload.Level), _log);
        var compiler = new CompilerMemory(CompilerMemory.CompiledMethods, CompilerMemory.ReleaseNow);
        _idleMemory = new IdleMemory(() => _connections.Metrics.Open, IdleMemory.CollectNow, compiler, logs.CreateLogger<IdleMemory>());
        FleetWalk walk = _walk = new FleetWalk(time, _stop.Token);
        adminMetrics.Observe(
            () => walk.Running, () => _fleet.Bans.Count, () => _fleet.Bans.Refused, () => _fleet.Tags.Count, () => _fleet.Profiles.Count, () => _fleet.Profiles.Forgotten);
        adminMetrics.ObserveKinds(() => _fleet.Kinds.Waiting, () => _fleet.Kinds.Dropped);
        adminMetrics.ObserveRecords(() => recorder.Skipped);
        var acts = new FleetActs(_connections, walk, logs.CreateLogger<FleetActs>());
        var status = new GatewayStatus(configuration, Restart, _connections, acts, Drain, _control.Drain, _conversation, _catalog, _speech, _memory, _summarizer, _mcp, recorder, maxConnections)
        {
            Nodes = new NodeList(_cluster, ReadLoad) { Begin = BeginNodeDrain, End = EndNodeDrain },
        };
        _listeners = new GatewayListeners(
            configuration, _transport, authPolicy, status, Restart, new OverviewSource(_connections, _catalog, _transport, time).Observe(meters), acts, _control, _fleet, levels ?? new LogLevels(new ConfigurationManager(), time), _telemetry, recorder, new Explainer(recorder, _fleet, new ConnectedDevices(_connections), time), sessions.Languages, guesses, vision, visionAccess, CreatePlacement(), new HttpMetrics(meters), adminMetrics, _cluster, CreateHttpTls(), logs);
        HandOver = new GatewayHandOver(
            () => configuration.Current.Restart,
            Restart,
            _connections,
            _transport,
            _listeners,
            _conversation,
            _memory,
            _control,
            new GatewayTools(_mcp, () => configuration.Snapshot.Mcp),
            () => _databaseLock?.Descriptor ?? -1,
            logs.CreateLogger<GatewayHandOver>())
        {
            NodeIncarnation = () => _cluster?.Continuation ?? 0,
        };
        configuration.PrepareReload = new ConfigurationReload(
            _catalog, authPolicy, sessions, _memory, _summarizer, Drain, _connections, _speech, speechMetrics, _mcp, time).Prepare;
    }

    public GatewayDrain Drain { get; }

    public GatewayRestart Restart { get; }

    public GatewayHandOver HandOver { get; }

    /// <summary>Maps all routes of the admin listener.</summary>
    public Action<IEndpointRouteBuilder> MapAdmin => _listeners.MapAdmin;

    public string TransportName => _transport.GetType().Name;

    /// <summary>
    /// Opens the HTTP listeners, then the device listener: a device that can connect can also reach OTA. What the program before this one has left comes
    /// first, because its devices wait.
    /// </summary>
    public async Task StartAsync(InheritedState? inherited = null)
    {
        _databaseLock = LockDatabase(inherited?.Ticket.Lock ?? -1);
        PoolThreads.Start();
        if (inherited is null)
        {
            await CheckClusterSchemaAsync();
        }

        var handler = new DeviceConnectionHandler(_connections);
        if (inherited is null)
        {
            var fleet = Task.Run(_fleet.TryLoad);
            var kinds = Task.Run(_fleet.TryLoadKinds);
            _memory.Start();
            await OpenHttpAsync(inherited);
            await _listeners.BindDevicesAsync(null);

            // A banned device must not get in first.
            await fleet;
            _transport.Start(handler.OnConnectedAsync);
            await kinds;
        }
        else
        {
            // Devices that wait need the database only for their next turn, which waits for it.
            await HandOver.WakeAsync(inherited, handler.OnConnectedAsync, () => Task.WhenAll(Task.Run(_fleet.TryLoad), Task.Run(_memory.Start)));
            await Task.Run(_fleet.TryLoadKinds);
            await OpenHttpAsync(inherited);
        }

        _ = _idleMemory.WatchAsync(_stop.Token);
        _ = _certificates?.WatchAsync(_stop.Token);
        _ = _overload.WatchAsync(_stop.Token);
        _mcp.Start();
        _control.Start();
        StartCluster(inherited?.State.NodeIncarnation ?? 0);
    }

    private async Task OpenHttpAsync(InheritedState? inherited)
    {
        _summarizer.Start();
        await _listeners.BindHttpAsync(inherited);
        _connections.HttpPort = _listeners.HttpPort;
        _visionAddresses.HttpPort = _listeners.HttpPort;
    }

    /// <summary>What a start does beyond the constructor, without opening a port or writing a file. Throws where a start would fail or lose something.</summary>
    public void Rehearse()
    {
        if (_options.Memory.Provider != MemoryProviderKind.None)
        {
            SqliteMemoryStore.Check(_options.Memory.Path);
        }

        _speech.Check();
        CheckCluster(_options.Cluster);
    }

    public void Announce(ILogger log)
    {
        _listeners.Announce(log);
        log.SpeechReady(_speech.Describe());
    }

    public async ValueTask DisposeAsync()
    {
        _handOverSocket?.Dispose();
        Restart.Requests.Dispose();
        await _stop.CancelAsync();
        await _transport.DisposeAsync();
        await StopClusterAsync();
        await _listeners.DisposeAsync();
        await DisposeFleetAsync();
        _timers.Dispose();
        _speech.Dispose();
        await _summarizer.DisposeAsync();
        await _conversation.DisposeAsync();
        await _mcp.DisposeAsync();
        _catalog.Dispose();
        await _memory.DisposeAsync();
        await _control.DisposeAsync();
        if (!_handedOver.Task.IsCompleted)
        {
            // Else the new process shares the lock, and to dispose of it here would release it for both.
            _databaseLock?.Dispose();
        }

        _telemetry.Dispose();
        _stop.Dispose();
    }
}
