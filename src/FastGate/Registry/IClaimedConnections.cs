namespace FastGate.Registry;

/// <summary>The registry as a directory of several nodes sees it. Every member may be called from any thread.</summary>
internal interface IClaimedConnections
{
    int Count { get; }

    /// <summary>The registered connection of a device, or null.</summary>
    IClaimedConnection? Find(string deviceId);

    /// <summary>Whether this connection was registered and is not any more.</summary>
    bool Remove(IClaimedConnection connection);

    /// <summary>All connections; one that is registered throughout is returned once. The enumerator is for one thread at a time.</summary>
    IEnumerator<IClaimedConnection> GetEnumerator();
}
