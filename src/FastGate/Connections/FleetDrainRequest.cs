using System.Net;

namespace FastGate.Connections;

/// <summary>What an operator asks a drain to do.</summary>
internal sealed record FleetDrainRequest
{
    /// <summary>Devices closed in a second.</summary>
    public required int Rate { get; init; }

    /// <summary>The devices to close; null for all.</summary>
    public Func<DeviceConnection, bool>? Matches { get; init; }

    /// <summary>The same as far as it is known at a handshake; null when nothing is known there. Ignored when all devices are closed.</summary>
    public Func<string, EndPoint?, bool>? MatchesHandshake { get; init; }

    /// <summary>Close with 1012 (service restart), after which devices connect again at once, and not with 1001 (going away).</summary>
    public bool ReconnectAtOnce { get; init; }

    /// <summary>Restart the devices first, so that they ask OTA where to connect.</summary>
    public bool Reboot { get; init; }

    /// <summary>The filter in words, for the status.</summary>
    public string Description { get; init; } = "all devices";
}
