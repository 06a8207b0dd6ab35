using System.Diagnostics.Metrics;
using System.IO.Pipelines;
using System.Net;
using FastGate.Auth;
using FastGate.Configuration.Options;
using FastGate.Connections;
using FastGate.Conversation.Workers;
using FastGate.Diagnostics;
using FastGate.Flight;
using FastGate.HandOver;
using FastGate.Hosting.Adapters;
using FastGate.Limits;
using FastGate.Llm.Calls;
using FastGate.Llm.Catalog;
using FastGate.Llm.Providers;
using FastGate.Llm.Settings;
using FastGate.Memory;
using FastGate.Memory.Journal;
using FastGate.Memory.Summaries;
using FastGate.Registry;
using FastGate.Sessions;
using FastGate.Speech;
using FastGate.Speech.Codec;
using FastGate.Speech.Settings;
using FastGate.Timers;
using FastGate.Transport.Tls;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace FastGate.Testing;

/// <summary>
/// Device connections with all their services inside the process: in-memory connections, the embedded echo LLM, a null memory store unless a test
/// passes another, and a clock that tests advance.
/// </summary>
internal sealed class ConnectionHarness : IDisposable
{
    private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(20);

    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly List<Task> _connections = [];
    private readonly MemoryWriter _memory;
    private readonly MemorySummarizer _summarizer;
    private readonly LlmCatalog _catalog;
    private readonly ConversationWorkers _conversation;
    private readonly TimerThread _timers;

    public ConnectionHarness(
        DeviceOptions? devices = null,
        GatewayOptions? gateway = null,
        IChatClientFactory? llm = null,
        ILogger<DeviceSession>? sessionLog = null,
        ILogger<DeviceConnection>? connectionLog = null,
        Func<uint>? random = null,
        IMemoryStore? memory = null,
        LlmConfiguration? providers = null,
        SpeechProviders? voices = null,
        TimeProvider? sessionTime = null,
        Func<IOpusDecoder>? decoders = null,
        TlsServer? tls = null,
        TimeProvider? workerTime = null,
        MemoryLimits? memoryLimits = null,
        ILoggerFactory? logs = null)
    {
        GatewayOptions options = (gateway ?? new GatewayOptions()) with { Devices = devices ?? gateway?.Devices ?? new DeviceOptions() };
        IMeterFactory meters = _services.GetRequiredService<IMeterFactory>();
        Meter = GatewayMeter.Create(meters).Meter;
        TimeProvider time = TimeProvider.System;
        memoryLimits ??= new MemoryLimits();
        logs ??= NullLoggerFactory.Instance;
        connectionLog ??= logs.CreateLogger<DeviceConnection>();
        var memoryMetrics = new MemoryMetrics(meters);
        _memory = new MemoryWriter(
            memory ?? new NullMemoryStore(), options.Memory, memoryLimits, memoryMetrics, logs.CreateLogger<MemoryWriter>(), time);
        _catalog = new LlmCatalog(providers ?? LlmConfiguration.Embedded, llm ?? new ChatClientFactory(), logs.CreateLogger<LlmCatalog>());
        var conversationMetrics = new ConversationMetrics(meters);
        _conversation = new ConversationWorkers(
            new LlmCalls(_catalog, conversationMetrics, logs.CreateLogger<LlmCalls>(), workerTime ?? time),
            options.Workers.Conversation,
            conversationMetrics,
            logs.CreateLogger<ConversationWorkers>(),
            workerTime ?? time);
        _summarizer = new MemorySummarizer(
            _memory, new ChatSummaryModel(_conversation), options.Memory, memoryLimits, memoryMetrics, logs.CreateLogger<MemorySummarizer>(), time);
        _timers = new TimerThread(Clock, new TimersMetrics(meters), logs.CreateLogger<TimerThread>());
        SessionMetrics = new SessionMetrics(meters);
        ToolMetrics = new DeviceToolMetrics(meters);
        SpeechMetrics = new SpeechMetrics(meters);
        Speech = new SpeechServices(
            options.Speech,
            voices ?? SpeechProviders.Create(SpeechConfiguration.Empty, SpeechMetrics, time),
            DeviceSession.DownlinkFrameMs,
            SpeechMetrics,
            logs.CreateLogger<SpeechServices>(),
            decoders);
        var sessions = new SessionServices(
            options,
            _conversation,
            new DialogueMemory(_memory, _summarizer, maxTurns: 20),
            Management,
            Speech,
            new GuessBackoff(time),
            SessionMetrics,
            ToolMetrics,
            sessionTime ?? time,
            sessionLog ?? logs.CreateLogger<DeviceSession>());
        Metrics = new ConnectionMetrics(meters);
        Registry = new ConnectionRegistry<DeviceConnection>(options.Devices.MaxConnections, options.Devices.DuplicateDevice == DuplicateDevicePolicy.Replace);
        Limits = new SourceLimits(options.Devices.Rates, () => Clock.NowMs, LimitMetrics = new LimitMetrics(meters), connectionLog, time);
        Services = new ConnectionServices(
            options.Devices,
            Registry,
            _timers,
            Clock,
            new DeviceAuthenticator(new AuthPolicy(options.Auth, logs.CreateLogger<AuthPolicy>())),
            sessions,
            Recorder,
            Metrics,
            connectionLog)
        {
            Limits = Limits,
            Origins = ConnectionServices.OriginsOf(options),
            Tls = tls,
            NextRandom = random ?? (static () => (uint)Random.Shared.NextInt64()),
        };
        Handler = new DeviceConnectionHandler(Services);
        _memory.Start();
        _summarizer.Start();
    }

    /// <summary>The instruments of this harness alone; tests run in parallel.</summary>
    public Meter Meter { get; }

    public TimerThread Timers => _timers;

    /// <summary>The handler for the connections of a transport.</summary>
    public DeviceConnectionHandler Handler { get; }

    public MemorySummarizer Summarizer => _summarizer;

    public MemoryWriter Memory => _memory;

    public GatewayClock Clock { get; } = new();

    public ConnectionServices Services { get; }

    public SourceLimits Limits { get; }

    public LimitMetrics LimitMetrics { get; }

    public ConversationWorkers Conversation => _conversation;

    public ConnectionRegistry<DeviceConnection> Registry { get; }

    public ConnectionMetrics Metrics { get; }

    public SessionMetrics SessionMetrics { get; }

    public DeviceToolMetrics ToolMetrics { get; }

    public SpeechServices Speech { get; }

    public SpeechMetrics SpeechMetrics { get; }

    public FlightRecorder Recorder { get; } = new();

    public RecordingManagement Management { get; } = new();

    public IReadOnlyList<DeviceConnection> Connections()
    {
        var connections = new List<DeviceConnection>();
        foreach (DeviceConnection connection in Registry)
        {
            connections.Add(connection);
        }

        return connections;
    }

    public ScriptedDevice Connect() => Connect(out _);

    /// <summary>Connects a device of another machine, to which limits apply.</summary>
    public ScriptedDevice ConnectFrom(string address) => Connect(new InMemoryConnection { RemoteEndPoint = new IPEndPoint(IPAddress.Parse(address), 40_000) });

    /// <summary>Connects a device on a connection of the test's own.</summary>
    public ScriptedDevice ConnectOn(InMemoryConnection connection) => Connect(connection);

    public ScriptedDevice Connect(out InMemoryConnection connection)
    {
        connection = new InMemoryConnection();
        return Connect(connection);
    }

    public ScriptedDevice Connect(InMemoryConnection connection)
    {
        _connections.Add(RunAsync(connection));
        return new ScriptedDevice(connection);
    }

    /// <summary>Connects a device whose connection runs on threads of the pool.</summary>
    public async Task<ScriptedDevice> UpgradedOnPoolAsync(string headers = ScriptedDevice.DeviceHeaders)
    {
        ScriptedDevice device = Connect(new InMemoryConnection(InMemoryConnection.Scheduled));
        await device.UpgradeAsync(headers: headers);
        return device;
    }

    /// <summary>Continues the connection of a device that another harness has detached, as the next image of the server does.</summary>
    public ScriptedDevice Adopt(ScriptedDevice device, ConnectionState state) =>
        Connect(new AdoptedConnection(device.Connection, state.UnreadInput, state.UnsentOutput, state));

    /// <summary>Connects a device that does not read; the server can write <paramref name="capacity"/> bytes before it blocks.</summary>
    public ScriptedDevice ConnectUnread(int capacity) => Connect(new InMemoryConnection(toPeer: InMemoryConnection.Bounded(capacity)));

    public async Task<ScriptedDevice> UpgradedAsync(string headers = ScriptedDevice.DeviceHeaders)
    {
        ScriptedDevice device = Connect();
        await device.UpgradeAsync(headers: headers);
        return device;
    }

    public bool HasEnded => _connections.TrueForAll(static connection => connection.IsCompleted);

    /// <summary>Waits until all connections have ended.</summary>
    public Task EndAsync() => Task.WhenAll(_connections).WaitAsync(s_timeout);

    public void Dispose()
    {
        _timers.Dispose();
        Speech.Dispose();
        _conversation.DisposeAsync().AsTask().GetAwaiter().GetResult();
        _summarizer.DisposeAsync().AsTask().GetAwaiter().GetResult();
        _memory.DisposeAsync().AsTask().GetAwaiter().GetResult();
        _catalog.Dispose();
        _services.Dispose();
    }

    /// <summary>Like a transport, runs the handler and then closes the pipes.</summary>
    private async Task RunAsync(InMemoryConnection connection)
    {
        await connection.ServeAsync(Handler.OnConnectedAsync);
        if (connection.IsDetached)
        {
            return;
        }

        await ((IDuplexPipe)connection).Output.CompleteAsync();
        await ((IDuplexPipe)connection).Input.CompleteAsync();
    }
}
