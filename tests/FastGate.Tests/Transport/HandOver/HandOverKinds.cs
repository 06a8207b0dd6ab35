namespace FastGate.Tests.Transport.HandOver;

/// <summary>Every pair of an old and a new owner.</summary>
public static class HandOverKinds
{
    public static TheoryData<TransportKind, TransportKind> Pairs => new()
    {
        { TransportKind.EventLoop, TransportKind.EventLoop },
    };

    public static TheoryData<TransportKind> Each => [TransportKind.EventLoop];
}
