using FastGate.Auth;
using FastGate.Configuration.Options;
using FastGate.Diagnostics;
using FastGate.Fleet;
using FastGate.Flight;
using FastGate.Limits;
using FastGate.Peers;
using FastGate.Protocol.Framing;
using FastGate.Protocol.Handshake;
using FastGate.Protocol.Messages;
using FastGate.Registry;
using FastGate.Sessions;
using FastGate.Timers;
using FastGate.Transport.Tls;
using FastGate.Webhooks;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;

namespace FastGate.Connections;

/// <summary>The services that all device connections share, and their options in the form that the loops use.</summary>
internal sealed class ConnectionServices(
    DeviceOptions options,
    ConnectionRegistry<DeviceConnection> registry,
    TimerThread timers,
    GatewayClock clock,
    DeviceAuthenticator authenticator,
    SessionServices sessions,
    FlightRecorder recorder,
    ConnectionMetrics metrics,
    ILogger<DeviceConnection> log)
{
    private volatile bool _draining;
    private volatile DrainRule? _drainRule;
    private volatile OriginRules _origins = null!;
    private volatile ConnectionTimeouts _timeouts = new(options.Timeouts);

    public ConnectionRegistry<DeviceConnection> Registry { get; } = registry;

    public TimerThread Timers { get; } = timers;

    public GatewayClock Clock { get; } = clock;

    public DeviceAuthenticator Authenticator { get; } = authenticator;

    /// <summary>Limits of addresses and devices.</summary>
    public required SourceLimits Limits { get; init; }

    /// <summary>Whether new devices are refused because the server is overloaded.</summary>
    public Overload Overload { get; } = new();

    public SessionServices Sessions { get; } = sessions;

    /// <summary>Which peers report the address of the client, and which many devices share.</summary>
    public PeerRules Peers { get; } = PeerRules.Of(options);

    /// <summary>Which pages of browsers may connect. Any thread; a reload replaces it.</summary>
    public required OriginRules Origins
    {
        get => _origins;
        set => _origins = value;
    }

    /// <summary>Bans, tags and profiles of devices.</summary>
    public FleetRecords Fleet { get; init; } = new(new NullFleetStore(), TimeProvider.System, log);

    public FlightRecorder Recorder { get; } = recorder;

    /// <summary>Null without traces, as in tests.</summary>
    public Traces? Traces => Recorder.Traces;

    public ConnectionMetrics Metrics { get; } = metrics;

    public ILogger Log { get; } = log;

    public HandshakeLimits HandshakeLimits { get; } = new(options.Limits.RequestLine, options.Limits.Headers, options.Limits.HeaderCount);

    /// <summary>In echo mode a frame may be as large as a message, because conformance suites send messages in one frame.</summary>
    public MessageLimits MessageLimits { get; } = new(
        options.Echo ? Math.Max(options.Limits.Frame, options.Limits.Message) : options.Limits.Frame,
        options.Limits.Message,
        options.Limits.Fragments);

    public bool Echo { get; } = options.Echo;

    /// <summary>A ping needs no session and breaks no limit.</summary>
    public bool AnswersPingsAtOnce { get; } = !options.Echo && Math.Min(options.Limits.Frame, options.Limits.Message) >= UsualPing.PayloadSize;

    /// <summary>Payload of a message of sound that is taken without a pipe. It breaks no limit, and a larger echo is better sent from where it is.</summary>
    public int LargestTakenAtOnce { get; } = Math.Min(DeviceConnection.LargeMessage - 1, Math.Min(options.Limits.Frame, options.Limits.Message));

    /// <summary>Whether new connections may negotiate permessage-deflate.</summary>
    public bool Deflate { get; } = options.Deflate.Enabled;

    /// <summary>Texts from this length on are compressed where it was negotiated.</summary>
    public int DeflateFrom { get; } = options.Deflate.MinText;

    /// <summary>The limits of a connection with permessage-deflate; those of a message hold before and after it is decompressed.</summary>
    public MessageLimits DeflateLimits => MessageLimits with { AllowsCompressed = true };

    /// <summary>The memory of incomplete messages of all connections.</summary>
    public UnfinishedMessages Unfinished { get; } = new(options.Limits.UnfinishedMessages, () => ListOf(registry));

    /// <summary>Where connections deliver themselves that pass to another owner.</summary>
    public ConnectionHandOver HandOver { get; } = new(registry, timers, sessions, metrics);

    public int OutboundBytes { get; } = options.Limits.Outbound;

    public int OutboundFrame { get; } = options.Limits.OutboundFrame;

    /// <summary>Any thread; a reload replaces them.</summary>
    public ConnectionTimeouts Timeouts => _timeouts;

    /// <summary>TLS beside plain connections; null when the device port has none.</summary>
    public TlsServer? Tls { get; init; }

    /// <summary>A device without TLS is refused.</summary>
    public bool TlsRequired { get; } = options.Tls.Required;

    /// <summary>Reports of connects and ends; null when there is no URL for them. Set before the first device connects.</summary>
    public DeviceWebhooks? Webhooks { get; set; }

    /// <summary>Makes devices known to other nodes; null without a cluster. Set before the first device connects.</summary>
    public IDeviceDirectory? Directory { get; set; }

    /// <summary>Random numbers for automatic ids.</summary>
    public Func<uint> NextRandom { get; init; } = static () => (uint)Random.Shared.NextInt64();

    /// <summary>The HTTP port that the response to a browser names. Set before the transport accepts; with 0 a browser gets the response of every client.</summary>
    public int HttpPort { get; set; }

    /// <summary>When true, new upgrades get a 503; connected devices stay connected.</summary>
    public bool Draining => _draining;

    /// <summary>Which devices a drain refuses at their handshake; null while none runs. Set by any thread.</summary>
    public DrainRule? DrainRule
    {
        get => _drainRule;
        set => _drainRule = value;
    }

    public static OriginRules OriginsOf(GatewayOptions options) => new(options.Devices.AllowedOrigins, options.Http.PublicHosts);

    /// <summary>Whether every upgrade gets a 503. Counts those that a drain refuses.</summary>
    public bool RefusesAll()
    {
        bool isDrained = !_draining && _drainRule is { Matches: null };
        if (isDrained)
        {
            Metrics.DrainRefused.Increment();
        }

        return _draining || isDrained;
    }

    /// <summary>Whether a drain refuses this device, which is counted.</summary>
    public bool Refuses(string deviceId, ConnectionContext connection)
    {
        // Without such a drain the address, which is an object of its own, is not read.
        bool isRefused = _drainRule is { Matches: { } matches } && matches(deviceId, connection.RemoteEndPoint);
        if (isRefused)
        {
            Metrics.DrainRefused.Increment();
        }

        return isRefused;
    }

    public void BeginDrain() => _draining = true;

    /// <summary>
    /// Applies new timeouts, also to connected devices: timers whose idle deadline is now earlier are scheduled again. A handshake, close or write in
    /// progress keeps its deadline.
    /// </summary>
    public void Apply(DeviceTimeouts timeouts)
    {
        _timeouts = new ConnectionTimeouts(timeouts);
        foreach (DeviceConnection connection in Registry)
        {
            Timers.Schedule(connection);
        }
    }

    private static List<DeviceConnection> ListOf(ConnectionRegistry<DeviceConnection> registry)
    {
        List<DeviceConnection> connections = [];
        foreach (DeviceConnection connection in registry)
        {
            connections.Add(connection);
        }

        return connections;
    }
}
