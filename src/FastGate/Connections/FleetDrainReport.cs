namespace FastGate.Connections;

/// <summary>The drain that runs, or the last one.</summary>
/// <param name="State">How far it is.</param>
/// <param name="StartedAt">Null when there was none since the start of the process.</param>
/// <param name="Filter">The devices, in words.</param>
/// <param name="Rate">Devices closed in a second.</param>
/// <param name="CloseStatus">1001 or 1012.</param>
/// <param name="Closed">Devices that it has closed.</param>
/// <param name="Refused">Handshakes that it has refused.</param>
/// <param name="Waiting">Devices found in the last pass whose turn was in progress: they are closed when it has ended.</param>
/// <param name="Remaining">Devices that match and are connected.</param>
internal sealed record FleetDrainReport(
    FleetDrainState State, DateTimeOffset? StartedAt, string? Filter, int Rate, int CloseStatus, long Closed, long Refused, int Waiting, int Remaining);
