using FastGate.Configuration.Options;

namespace FastGate.Connections;

/// <summary>The deadlines of one configuration as the numbers the loop and the timer thread compare with. Replaced whole.</summary>
internal sealed class ConnectionDeadlines(DeviceTimeouts timeouts)
{
    public long HandshakeMs { get; } = (long)timeouts.Handshake.TotalMilliseconds;

    public long HelloMs { get; } = (long)timeouts.Hello.TotalMilliseconds;

    public long IdleMs { get; } = (long)timeouts.Idle.TotalMilliseconds;

    public long IdleGraceMs { get; } = (long)timeouts.IdleGrace.TotalMilliseconds;

    public long CloseMs { get; } = (long)timeouts.Close.TotalMilliseconds;

    public long WriteMs { get; } = (long)timeouts.Write.TotalMilliseconds;
}
