namespace FastGate.Transport;

/// <summary>What a transport needs to know, whichever it is.</summary>
internal sealed record TransportOptions
{
    /// <summary>Loop threads; 0 means one per core. The sockets transport has none.</summary>
    public int EventLoops { get; init; }

    /// <summary>Connects the kernel keeps until they are accepted; it cuts the number down to <c>net.core.somaxconn</c>.</summary>
    public int Backlog { get; init; } = 4096;

    /// <summary>How long a finished connection may go on sending before it is closed regardless.</summary>
    public TimeSpan Linger { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Bytes a finished connection may still send before it is closed regardless.</summary>
    public int LingerBytes { get; init; } = 1024 * 1024;

    /// <summary>Quiet time before the first keep-alive probe: most home routers forget a mapping after two minutes or more.</summary>
    public int KeepAliveIdleSeconds { get; init; } = 60;

    public int KeepAliveIntervalSeconds { get; init; } = 15;

    public int KeepAliveProbes { get; init; } = 4;

    /// <summary>Quiet time after a departure before a loop gives its unused memory back.</summary>
    public TimeSpan TrimDelay { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>The first descriptor number that is not for a device; null takes it from the limit of open files.</summary>
    public int? DescriptorCeiling { get; init; }

    /// <summary>Said to a newcomer for whom there is no descriptor; empty closes without a word.</summary>
    public ReadOnlyMemory<byte> Refusal { get; init; }
}
