using FastGate.Cluster;

namespace FastGate.Http.Admin;

/// <summary>The nodes of the cluster, as the admin endpoints see them. Any thread.</summary>
internal interface INodeList
{
    /// <summary>This node; null without a cluster.</summary>
    NodeStatus? Status { get; }

    Task<NodePage> ReadAsync();

    /// <summary>The other node to which a device is connected; null when there is none, or the engine does not answer.</summary>
    Task<string?> FindAsync(string deviceId);

    /// <summary>Returns the node when it says of itself that it drains, or does not any more; else throws <see cref="AdminProblemException"/>.</summary>
    Task<NodeReport> DrainAsync(string node, NodeDrain drain);
}
