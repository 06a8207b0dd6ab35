namespace FastGate.LoadTest.Sockets;

/// <summary>What the simulated devices connect with.</summary>
internal enum ClientKind
{
    /// <summary>Non-blocking sockets on an epoll of the driver's own thread.</summary>
    Epoll,

    /// <summary>Pipelines.Sockets.Unofficial, over .NET's sockets.</summary>
    Pipelines,
}
