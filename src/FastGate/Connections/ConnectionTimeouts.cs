using FastGate.Configuration.Options;
using FastGate.Timers;

namespace FastGate.Connections;

/// <summary>The timeouts of the current options in milliseconds. Immutable; a reload replaces the object.</summary>
internal sealed class ConnectionTimeouts(DeviceTimeouts timeouts)
{
    public long HandshakeMs { get; } = (long)timeouts.Handshake.TotalMilliseconds;

    public long HelloMs { get; } = (long)timeouts.Hello.TotalMilliseconds;

    /// <summary><see cref="TimerEntry.Never"/> when idle connections are not closed.</summary>
    public long IdleMs { get; } = timeouts.Idle > TimeSpan.Zero ? (long)timeouts.Idle.TotalMilliseconds : TimerEntry.Never;

    public long IdleGraceMs { get; } = (long)timeouts.IdleGrace.TotalMilliseconds;

    public long CloseMs { get; } = (long)timeouts.Close.TotalMilliseconds;

    public long WriteMs { get; } = (long)timeouts.Write.TotalMilliseconds;
}
