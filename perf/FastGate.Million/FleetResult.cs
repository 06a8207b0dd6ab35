namespace FastGate.Million;

/// <summary>What a fleet of one size cost. Bytes and nanoseconds are per device unless said otherwise; times are the thread's own CPU time, medians of the rounds.</summary>
internal sealed record FleetResult
{
    public required int Devices { get; init; }

    /// <summary>Growth of the managed heap by the doubles that stand in for sockets; not the project's.</summary>
    public required double DoubleBytes { get; init; }

    /// <summary>Growth from before the first device connected until all had said hello and pinged, the doubles apart.</summary>
    public required double MeasuredBytes { get; init; }

    public required IReadOnlyList<LedgerLine> Lines { get; init; }

    /// <summary>What is still held after all devices have gone, in all.</summary>
    public required long LeftBytes { get; init; }

    /// <summary>Of tenths of the fleet, in the order of arrival.</summary>
    public required Spread ConnectNs { get; init; }

    public required Spread HelloNs { get; init; }

    /// <summary>In the order of connecting, and in no order.</summary>
    public required Spread PingNs { get; init; }

    public required Spread ShuffledPingNs { get; init; }

    /// <summary>1,024 devices over and over, and any device of the fleet.</summary>
    public required Spread HotFindNs { get; init; }

    public required Spread ShuffledFindNs { get; init; }

    /// <summary>
    /// The timer thread, with all armed, none due and a tick's share of the entries come round with each tick, in microseconds of CPU a tick;
    /// null where the system does not tell.
    /// </summary>
    public required Spread? TickUs { get; init; }

    /// <summary>The timer thread, when a deadline that has moved away comes round, in nanoseconds of CPU a device.</summary>
    public required Spread? RefileNs { get; init; }

    /// <summary>Resident memory of the process with the fleet connected, in bytes.</summary>
    public required long ResidentBytes { get; init; }

    /// <summary>By type, the transport's objects included.</summary>
    public double OwnBytes => Lines.Sum(static line => line.Bytes);

    public double AliveBytes => Lines.Where(static line => line.Alive).Sum(static line => line.Bytes);
}
