namespace FastGate.HandOver;

/// <summary>Everything that passes from one image of the server to the next, or from one process to another.</summary>
internal sealed record GatewayState
{
    /// <summary>Milliseconds of Unix time when accepting was paused, for the report of the gap.</summary>
    public long QuietAtUnixMs { get; init; }

    /// <summary>The incarnation of this node in its cluster, which the next image continues; 0 without a cluster.</summary>
    public long NodeIncarnation { get; init; }

    public IReadOnlyList<ListenerState> Listeners { get; init; } = [];

    public IReadOnlyList<ConnectionState> Connections { get; init; } = [];

    /// <summary>The languages that devices have reported to OTA.</summary>
    public IReadOnlyList<DeviceLanguageState> Languages { get; init; } = [];
}
