namespace FastGate.Http.Admin;

/// <summary>One connected device; what the connection does not know is left out.</summary>
internal sealed record DeviceReport
{
    public required string DeviceId { get; init; }

    public string? ClientId { get; init; }

    public string? SessionId { get; init; }

    public string? RemoteAddress { get; init; }

    /// <summary>Where the id came from.</summary>
    public string? IdentitySource { get; init; }

    public string? Phase { get; init; }

    public DateTimeOffset? ConnectedAt { get; init; }

    /// <summary>Seconds since the device last sent anything.</summary>
    public double? IdleSeconds { get; init; }

    public bool? HelloSeen { get; init; }

    /// <summary>How it frames audio.</summary>
    public string? Audio { get; init; }
}
