namespace FastGate.Tests.Transport;

/// <summary>Public because it is a theory argument.</summary>
public enum TransportKind
{
    Sockets,
    EventLoop,
}
