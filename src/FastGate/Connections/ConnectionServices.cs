using FastGate.Auth;
using FastGate.Configuration.Options;
using FastGate.Diagnostics;
using FastGate.Protocol.Framing;
using FastGate.Protocol.Handshake;
using FastGate.Registry;
using FastGate.Sessions;
using FastGate.Timers;
using Microsoft.Extensions.Logging;

namespace FastGate.Connections;

/// <summary>Shared by all device connections: services, and the options as the numbers that the loop compares with.</summary>
internal sealed class ConnectionServices(
    DeviceOptions options,
    ConnectionRegistry<DeviceConnection> registry,
    TimerThread timers,
    GatewayClock clock,
    DeviceAuthenticator authenticator,
    SessionServices sessions,
    HandshakeRecorder recorder,
    ConnectionMetrics metrics,
    ILogger<DeviceConnection> log)
{
    private volatile bool _draining;
    private volatile ConnectionDeadlines _deadlines = new(options.Timeouts);

    public ConnectionRegistry<DeviceConnection> Registry { get; } = registry;

    public TimerThread Timers { get; } = timers;

    public GatewayClock Clock { get; } = clock;

    public DeviceAuthenticator Authenticator { get; } = authenticator;

    public SessionServices Sessions { get; } = sessions;

    public HandshakeRecorder Recorder { get; } = recorder;

    public ConnectionMetrics Metrics { get; } = metrics;

    public ILogger Log { get; } = log;

    public HandshakeLimits HandshakeLimits { get; } = new(options.Limits.RequestLine, options.Limits.Headers, options.Limits.HeaderCount);

    /// <summary>In echo mode a frame may be as large as a message, because conformance suites send messages in one frame.</summary>
    public MessageLimits MessageLimits { get; } = new(
        options.Echo ? Math.Max(options.Limits.Frame, options.Limits.Message) : options.Limits.Frame,
        options.Limits.Message,
        options.Limits.Fragments);

    public bool Echo { get; } = options.Echo;

    public int OutboundBytes { get; } = options.Limits.Outbound;

    public int OutboundFrame { get; } = options.Limits.OutboundFrame;

    public long HandshakeMs => _deadlines.HandshakeMs;

    public long HelloMs => _deadlines.HelloMs;

    public long IdleMs => _deadlines.IdleMs;

    public long IdleGraceMs => _deadlines.IdleGraceMs;

    public long CloseMs => _deadlines.CloseMs;

    public long WriteMs => _deadlines.WriteMs;

    /// <summary>Source of automatic ids.</summary>
    public Func<uint> NextRandom { get; init; } = static () => (uint)Random.Shared.NextInt64();

    /// <summary>While true, new upgrades get a 503; connected devices stay.</summary>
    public bool Draining => _draining;

    public void BeginDrain() => _draining = true;

    /// <summary>
    /// Applies other timeouts, to connected devices too: entries whose idle deadline has moved nearer are scheduled again. A handshake, close or
    /// write in progress keeps its deadline.
    /// </summary>
    public void Apply(DeviceTimeouts timeouts)
    {
        _deadlines = new ConnectionDeadlines(timeouts);
        foreach (DeviceConnection connection in Registry)
        {
            Timers.Schedule(connection);
        }
    }
}
