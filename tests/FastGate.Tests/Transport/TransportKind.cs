namespace FastGate.Tests.Transport;

/// <summary>Public because it is the argument of theories.</summary>
public enum TransportKind
{
    Sockets,
    EventLoop,
}
