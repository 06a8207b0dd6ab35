namespace FastGate.Cluster;

/// <summary>The store that all nodes share. Every call throws <see cref="ClusterEngineException"/> when it has no answer; then it may or may not have happened.</summary>
internal interface IClusterEngine : IAsyncDisposable
{
    /// <summary>The connection was lost and is there again: writes may be missing. Any thread.</summary>
    event Action? Restored;

    /// <summary>Connects, waiting only a moment; afterwards the engine connects again by itself. One caller at a time.</summary>
    Task ConnectAsync();

    /// <summary>The version of the keys in the engine; 0 when there are none.</summary>
    Task<int> SchemaAsync();

    /// <summary>What the engine deletes when its memory is full; null when it does not say.</summary>
    Task<string?> EvictionAsync();

    /// <summary>
    /// Claims and releases devices in the order of the requests. The answer has an epoch for each: that of the connection, or
    /// <see cref="ClaimRequest.Stale"/> when a newer connection has the device; 0 for a release.
    /// </summary>
    Task<long[]> ClaimAsync(NodeIdentity node, IReadOnlyList<ClaimRequest> requests);

    /// <summary>Renews the lease of this node, or takes a new one.</summary>
    Task<LeaseAnswer> RenewAsync(NodeIdentity node, string load);

    /// <summary>Gives up the lease of this node: what it holds is free.</summary>
    Task LeaveAsync(NodeIdentity node);

    /// <summary>All nodes that had a lease within a day.</summary>
    Task<IReadOnlyList<NodeEntry>> NodesAsync();

    /// <summary>The node that holds a device, or null.</summary>
    Task<DeviceEntry?> FindAsync(string deviceId);

    /// <summary>Receives the messages to this node, from any thread. Called once.</summary>
    Task SubscribeAsync(string node, Action<string> received);

    /// <summary>The commands of all nodes.</summary>
    ICommandEngine Commands { get; }

    /// <summary>All entries of the shared list of bans.</summary>
    Task<IReadOnlyList<SharedBan>> BansAsync();

    /// <summary>Adds entries to the shared list of bans; one with a smaller id than that in the list is ignored. Removes others from it.</summary>
    Task PutBansAsync(IReadOnlyList<SharedBan> added, IReadOnlyList<SharedBan> removed);

    /// <summary>Tags of devices that were changed after a version, in the order of their versions.</summary>
    Task<IReadOnlyList<SharedTagSet>> TagsAsync(long after, int most);

    /// <summary>Replaces the tags of devices; with <paramref name="onlyNew"/> of those that are not in the engine.</summary>
    Task PutTagsAsync(IReadOnlyList<(string Device, string Tags)> tags, bool onlyNew);

    /// <summary>Sends a message to a node, and returns how many processes have received it.</summary>
    Task<long> PublishAsync(string node, string message);
}
