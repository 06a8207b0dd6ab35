namespace FastGate.Http.Admin;

/// <summary>The act has begun or is done for one device.</summary>
internal sealed record DeviceActed(string DeviceId);

/// <summary>The act has begun for so many devices.</summary>
internal sealed record DevicesMatched(int Matched)
{
    /// <summary>A line for each node of a cluster that has not begun, or has not answered. Absent when all have.</summary>
    public IReadOnlyList<string>? Problems { get; init; }
}

/// <summary>The tags of a device. <paramref name="Durable"/> is false when they are lost with the process, because there is no database.</summary>
internal sealed record DeviceTagged(string DeviceId, IReadOnlyCollection<string> Tags, bool Durable)
{
    /// <summary>Why the other nodes of a cluster get them later. Absent when they have them.</summary>
    public IReadOnlyList<string>? Problems { get; init; }
}

/// <summary>A ban. <paramref name="Closed"/> connections were closed by it; <paramref name="Durable"/> as in <see cref="DeviceTagged"/>.</summary>
internal sealed record Banned(long Id, int Closed, bool Durable);

/// <summary>One ban; either the device or the address is set.</summary>
internal sealed record BanReport(long Id, string? Device, string? Address, DateTimeOffset At, DateTimeOffset? Until, string? Reason);

/// <summary>The bans in force, oldest first.</summary>
internal sealed record BanPage(int Total, IReadOnlyList<BanReport> Bans, string? Next);

/// <summary>The device gets its token when it asks again.</summary>
internal sealed record DeviceActivated(string DeviceId);

/// <summary>A device that waits for the confirmation of its code, which is valid until <paramref name="Until"/>.</summary>
internal sealed record ActivationReport(string DeviceId, string? Board, string Address, DateTimeOffset At, DateTimeOffset Until);

/// <summary>The devices that wait, oldest first.</summary>
internal sealed record ActivationPage(IReadOnlyList<ActivationReport> Activations);

/// <summary>The configuration was read again; <paramref name="Changed"/> is false when no key differs.</summary>
internal sealed record Reloaded(bool Changed)
{
    /// <summary>As in <see cref="DevicesMatched"/>.</summary>
    public IReadOnlyList<string>? Problems { get; init; }
}
