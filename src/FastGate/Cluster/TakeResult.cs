namespace FastGate.Cluster;

/// <summary>What came of a take.</summary>
internal enum TakeResult
{
    /// <summary>There is a command, and it is marked as sent.</summary>
    Taken,

    /// <summary>No command waits, or this node does not hold the device.</summary>
    None,

    /// <summary>The device must become ready first.</summary>
    NotYet,

    /// <summary>The first command was sent by another node, or by an earlier process of this one, and may still be answered.</summary>
    Busy,
}
