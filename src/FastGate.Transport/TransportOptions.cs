using FastGate.Transport.Accept;

namespace FastGate.Transport;

/// <summary>Settings of a transport.</summary>
public sealed record TransportOptions
{
    /// <summary>Event loop threads; 0 means one per core. The sockets transport has none.</summary>
    public int EventLoops { get; init; }

    /// <summary>Connections that wait in the kernel until they are accepted; Linux limits it to <c>net.core.somaxconn</c>.</summary>
    public int Backlog { get; init; } = 4096;

    /// <summary>How long the peer of a finished connection may keep its side open before the connection is closed anyway.</summary>
    public TimeSpan Linger { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Bytes that the peer of a finished connection may still send before the connection is closed anyway.</summary>
    public int LingerBytes { get; init; } = 1024 * 1024;

    /// <summary>
    /// Size of the kernel's send buffer of a connection; Linux doubles it for its own overhead. Without it the buffer grows to 4 MiB, and a peer
    /// that never reads is found late. An answer of 64 KiB needs one round trip.
    /// </summary>
    public int SendBuffer { get; init; } = 64 * 1024;

    /// <summary>
    /// Size of the kernel's receive buffer of a connection; Linux doubles it, and would otherwise let it grow to 6 MiB. One connection uploads at
    /// most this many bytes in a round trip.
    /// </summary>
    public int ReceiveBuffer { get; init; } = 64 * 1024;

    /// <summary>Whether the kernel probes silent connections and ends those whose peer is gone.</summary>
    public bool KeepAlive { get; init; } = true;

    /// <summary>Idle time before the first keep-alive probe. Most home routers drop an idle mapping after two minutes or more.</summary>
    public int KeepAliveIdleSeconds { get; init; } = 60;

    /// <summary>Time between two keep-alive probes.</summary>
    public int KeepAliveIntervalSeconds { get; init; } = 15;

    /// <summary>Unanswered probes after which the connection is dead.</summary>
    public int KeepAliveProbes { get; init; } = 4;

    /// <summary>Time after the last closed connection before an event loop releases its unused memory.</summary>
    public TimeSpan TrimDelay { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>The first descriptor number that no connection may have; null derives it from the limit of open files.</summary>
    public int? DescriptorCeiling { get; init; }

    /// <summary>Which connects are served; null serves all.</summary>
    public IAcceptPolicy? Policy { get; init; }

    /// <summary>Sent to a connection that is refused for lack of a descriptor; empty closes it without an answer.</summary>
    public ReadOnlyMemory<byte> Refusal { get; init; }
}
