using FastGate.Configuration.Options;

namespace FastGate.Connections;

/// <summary>Timeouts of one configuration in milliseconds, read by the loops and the timer thread. Replaced as a whole.</summary>
internal sealed class ConnectionDeadlines(DeviceTimeouts timeouts)
{
    public long HandshakeMs { get; } = (long)timeouts.Handshake.TotalMilliseconds;

    public long HelloMs { get; } = (long)timeouts.Hello.TotalMilliseconds;

    public long IdleMs { get; } = (long)timeouts.Idle.TotalMilliseconds;

    public long IdleGraceMs { get; } = (long)timeouts.IdleGrace.TotalMilliseconds;

    public long CloseMs { get; } = (long)timeouts.Close.TotalMilliseconds;

    public long WriteMs { get; } = (long)timeouts.Write.TotalMilliseconds;
}
