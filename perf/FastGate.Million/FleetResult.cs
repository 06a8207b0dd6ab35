namespace FastGate.Million;

/// <summary>The cost of a fleet of one size. Bytes and nanoseconds are per device unless noted; times are CPU time of the thread, medians of the rounds.</summary>
internal sealed record FleetResult
{
    public required int Devices { get; init; }

    /// <summary>Growth of the managed heap by the doubles that replace sockets.</summary>
    public required double DoubleBytes { get; init; }

    /// <summary>Growth of the managed heap from before the first connect until all devices have pinged, without the doubles.</summary>
    public required double MeasuredBytes { get; init; }

    public required IReadOnlyList<LedgerLine> Lines { get; init; }

    /// <summary>Bytes still held after all devices have disconnected, in total.</summary>
    public required long LeftBytes { get; init; }

    /// <summary>Measured for each tenth of the fleet.</summary>
    public required Spread ConnectNs { get; init; }

    public required Spread HelloNs { get; init; }

    /// <summary>In the order of connecting, and in random order.</summary>
    public required Spread PingNs { get; init; }

    public required Spread ShuffledPingNs { get; init; }

    /// <summary>Among 1,024 devices repeatedly, and among all devices.</summary>
    public required Spread HotFindNs { get; init; }

    public required Spread ShuffledFindNs { get; init; }

    /// <summary>
    /// Microseconds of CPU of the timer thread per tick, with all timers armed, none due and one tick's share of entries moved per tick;
    /// null where the system does not report it.
    /// </summary>
    public required Spread? TickUs { get; init; }

    /// <summary>Nanoseconds of CPU of the timer thread to move an entry whose deadline has changed.</summary>
    public required Spread? RefileNs { get; init; }

    /// <summary>Resident memory of the process with the fleet connected, in bytes.</summary>
    public required long ResidentBytes { get; init; }

    /// <summary>Bytes by type, including the transport's objects.</summary>
    public double OwnBytes => Lines.Sum(static line => line.Bytes);

    /// <summary>Bytes by type of a device on the event loops.</summary>
    public double LoopBytes => Lines.Where(static line => line.OnLoops).Sum(static line => line.Bytes);

    public double AliveBytes => Lines.Where(static line => line.Alive).Sum(static line => line.Bytes);
}
