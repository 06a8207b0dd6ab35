namespace FastGate.CommandLine.Simulation;

/// <summary>A fleet of simulated devices.</summary>
internal sealed record SimSettings
{
    /// <summary>The OTA address (http, https), or the WebSocket address of devices (ws, wss).</summary>
    public required Uri Target { get; init; }

    public required int Count { get; init; }

    /// <summary>First connects a second.</summary>
    public required int Rate { get; init; }

    /// <summary>Part of every id: two fleets with different seeds have different devices.</summary>
    public int Seed { get; init; }

    /// <summary>A token for targets that OTA does not give one for.</summary>
    public string? Token { get; init; }

    public required IReadOnlyList<SimStep> Steps { get; init; }

    /// <summary>The frames of each sound of the script.</summary>
    public required IReadOnlyDictionary<SimStep, byte[][]> Sounds { get; init; }

    /// <summary>Attempts to connect before a device gives up.</summary>
    public int Attempts { get; init; } = 3;

    /// <summary>The wait after the first failed attempt; it doubles with each further one, as the firmware's does.</summary>
    public TimeSpan RetryAfter { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a device waits for a hello or a reply.</summary>
    public TimeSpan ReplyTimeout { get; init; } = TimeSpan.FromSeconds(30);
}
