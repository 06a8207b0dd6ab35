using FastGate.Cluster;

namespace FastGate.Http.Admin;

/// <summary>The nodes of the cluster, as the admin endpoints see them. Any thread.</summary>
internal interface INodeList
{
    /// <summary>This node; null without a cluster.</summary>
    NodeStatus? Status { get; }

    Task<NodePage> ReadAsync();

    /// <summary>Begins a drain of all devices of this node, or leaves the one that runs. Throws <see cref="AdminProblemException"/> when it is refused.</summary>
    /// <returns>When the other nodes can see it.</returns>
    /// <param name="rate">Devices closed in a second.</param>
    /// <param name="reboot">Whether devices are restarted, after which they ask OTA; null for those of a node with an address of its own.</param>
    Task<NodeReport> DrainAsync(int rate, bool? reboot);

    /// <summary>Takes devices again. Throws <see cref="AdminProblemException"/> when it is refused.</summary>
    Task<NodeReport> EndDrainAsync();
}
