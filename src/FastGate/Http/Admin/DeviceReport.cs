using FastGate.Diagnostics;
using FastGate.Fleet;

namespace FastGate.Http.Admin;

/// <summary>Devices in the order of their ids; <paramref name="Next"/> is the value of <c>after</c> for the next page.</summary>
internal sealed record DevicePage(int Total, IReadOnlyList<DeviceReport> Devices, string? Next)
{
    /// <summary>A line for each node that has not answered, whose devices are not on the page.</summary>
    public IReadOnlyList<string>? Problems { get; init; }
}

/// <summary>What was counted since the start of the process, as far as the device's profile was kept.</summary>
internal sealed record DeviceCounters(int Turns, int FailedTurns, int CancelledTurns, int EndedConnections);

/// <summary>One connected device. Unknown properties are omitted.</summary>
internal sealed record DeviceReport
{
    public required string DeviceId { get; init; }

    /// <summary>The node that it is connected to; null without a cluster.</summary>
    public string? Node { get; init; }

    public string? ClientId { get; init; }

    public string? SessionId { get; init; }

    public string? RemoteAddress { get; init; }

    /// <summary>The part of the request that contained the id.</summary>
    public string? IdentitySource { get; init; }

    public string? Phase { get; init; }

    public DateTimeOffset? ConnectedAt { get; init; }

    /// <summary>Seconds since the last bytes from the device.</summary>
    public double? IdleSeconds { get; init; }

    public bool? HelloSeen { get; init; }

    /// <summary>The framing of its audio.</summary>
    public string? Audio { get; init; }

    /// <summary>The language of its texts; null while it is not known.</summary>
    public string? Language { get; init; }

    /// <summary>Whether it has offered tools.</summary>
    public bool? OffersTools { get; init; }

    /// <summary>False for a device that is known and not connected.</summary>
    public bool Connected { get; init; } = true;

    /// <summary>Version of its firmware, from its last OTA request.</summary>
    public string? Firmware { get; init; }

    /// <summary>Type of its board, from its last OTA request.</summary>
    public string? Board { get; init; }

    public IReadOnlyCollection<string>? Tags { get; init; }

    /// <summary>When its last OTA request came. On the device's own page only, as is all below.</summary>
    public DateTimeOffset? ReportedAt { get; init; }

    /// <summary>Turns that ended, those that failed, and those that were interrupted.</summary>
    public DeviceCounters? Counters { get; init; }

    /// <summary>The last turns with the times of their stages, newest first.</summary>
    public IReadOnlyList<TurnTimes>? LastTurns { get; init; }

    /// <summary>Why its last connections ended, newest first.</summary>
    public IReadOnlyList<DeviceEnd>? LastEnds { get; init; }
}
