namespace FastGate.Cluster;

/// <summary>What came of a request to another node. In all cases but the first and the last one nothing was done.</summary>
internal enum NodeOutcome
{
    Answered,

    /// <summary>No other node has the device.</summary>
    NotElsewhere,

    /// <summary>The engine is not used or does not answer.</summary>
    Unavailable,

    /// <summary>The node does not listen.</summary>
    Unreachable,

    /// <summary>The device was at another place each time.</summary>
    Moved,

    /// <summary>One of the two nodes has too many requests in progress.</summary>
    Busy,

    /// <summary>There was no reply in time: the act may have been run.</summary>
    Unknown,
}
