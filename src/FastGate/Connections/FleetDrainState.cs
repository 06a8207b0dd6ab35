namespace FastGate.Connections;

/// <summary>How far a drain is.</summary>
internal enum FleetDrainState
{
    /// <summary>No drain was started, or it was cancelled.</summary>
    None,

    /// <summary>Devices are being closed.</summary>
    Draining,

    /// <summary>No device is left. New devices are still refused.</summary>
    Drained,
}
