namespace FastGate.Tests.Transport.HandOver;

/// <summary>Every pair of an old and a new owner.</summary>
public static class HandOverKinds
{
    public static TheoryData<TransportKind, TransportKind> Pairs => new()
    {
        { TransportKind.EventLoop, TransportKind.EventLoop },
        { TransportKind.EventLoop, TransportKind.Sockets },
        { TransportKind.Sockets, TransportKind.EventLoop },
        { TransportKind.Sockets, TransportKind.Sockets },
    };

    public static TheoryData<TransportKind> Each => [TransportKind.EventLoop, TransportKind.Sockets];
}
