namespace FastGate.Http.Admin;

/// <summary>Devices in the order of their ids; <paramref name="Next"/> is the value of <c>after</c> for the next page.</summary>
internal sealed record DevicePage(int Total, IReadOnlyList<DeviceReport> Devices, string? Next);

/// <summary>One connected device. Unknown properties are omitted.</summary>
internal sealed record DeviceReport
{
    public required string DeviceId { get; init; }

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
}
