using FastGate.Auth;
using FastGate.Diagnostics;
using FastGate.Options;
using FastGate.Protocol.Framing;
using FastGate.Protocol.Handshake;
using FastGate.Registry;
using FastGate.Sessions;
using FastGate.Timers;
using Microsoft.Extensions.Logging;

namespace FastGate.Connections;

/// <summary>What all connections of the device door share, with the options turned into the numbers the loop compares with.</summary>
internal sealed class DeviceDoor(
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

    public long HandshakeMs { get; } = (long)options.Timeouts.Handshake.TotalMilliseconds;

    public long HelloMs { get; } = (long)options.Timeouts.Hello.TotalMilliseconds;

    public long IdleMs { get; } = (long)options.Timeouts.Idle.TotalMilliseconds;

    public long IdleGraceMs { get; } = (long)options.Timeouts.IdleGrace.TotalMilliseconds;

    public long CloseMs { get; } = (long)options.Timeouts.Close.TotalMilliseconds;

    public long WriteMs { get; } = (long)options.Timeouts.Write.TotalMilliseconds;

    /// <summary>Where automatic ids come from.</summary>
    public Func<uint> NextRandom { get; init; } = static () => (uint)Random.Shared.NextInt64();

    /// <summary>New upgrades are answered 503; what is connected goes on.</summary>
    public bool Draining => _draining;

    public void BeginDrain() => _draining = true;
}
