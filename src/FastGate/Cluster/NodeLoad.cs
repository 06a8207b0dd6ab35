namespace FastGate.Cluster;

/// <summary>What a node says of itself with each renewal of its lease.</summary>
internal sealed record NodeLoad
{
    public required string Version { get; init; }

    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>No new devices may be sent here.</summary>
    public required bool Draining { get; init; }

    /// <summary>Registered devices, and how many there may be.</summary>
    public required int Devices { get; init; }

    public required int DeviceLimit { get; init; }

    public required int TurnsInProgress { get; init; }

    /// <summary>Share of a processor that each event loop uses, 0 to 1.</summary>
    public required IReadOnlyList<double> Loops { get; init; }

    public required long ResidentBytes { get; init; }

    /// <summary>It gives away devices, because it has more than its share.</summary>
    public bool Rebalancing { get; init; }

    /// <summary>Where devices connect to this node; null when OTA must not send them here.</summary>
    public string? Url { get; init; }

    /// <summary>Devices with one of these tags belong here.</summary>
    public IReadOnlyList<string>? Tags { get; init; }
}
