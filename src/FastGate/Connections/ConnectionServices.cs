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

/// <summary>What all connections of the device door share, with the options turned into the numbers the loop compares with.</summary>
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

    /// <summary>A conformance suite sends its messages in one frame too, so an echoing door takes any frame that fits a message.</summary>
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

    /// <summary>Where automatic ids come from.</summary>
    public Func<uint> NextRandom { get; init; } = static () => (uint)Random.Shared.NextInt64();

    /// <summary>New upgrades are answered 503; what is connected goes on.</summary>
    public bool Draining => _draining;

    public void BeginDrain() => _draining = true;

    /// <summary>
    /// Puts other deadlines in force, for devices that are connected too: those whose idle deadline has moved nearer must have their entry looked at
    /// before it comes round. A handshake, close or write under way keeps the deadline it began with.
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
