namespace FastGate.Cluster;

/// <summary>Why a node does not run an act. The numbers are sent.</summary>
internal enum NodeRefusal
{
    None = 0,

    /// <summary>The node does not have this connection of the device.</summary>
    Moved = 1,

    /// <summary>It runs as many acts as it may.</summary>
    Busy = 2,
}
