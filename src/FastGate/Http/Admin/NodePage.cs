using FastGate.Cluster;

namespace FastGate.Http.Admin;

/// <summary><c>GET /api/v1/nodes</c>.</summary>
/// <param name="Node">Name of the node that answers; null without a cluster.</param>
/// <param name="LocalOnly">Why it knows only itself; null while it knows all nodes, and without a cluster.</param>
/// <param name="Nodes">All nodes that had a lease within a day; without a cluster the gateway alone.</param>
internal sealed record NodePage(string? Node, string? LocalOnly, IReadOnlyList<NodeReport> Nodes)
{
    /// <summary>Devices of all nodes that have a lease.</summary>
    public int Devices { get; } = Nodes.Sum(static node => node.Load?.Devices ?? 0);

    public int TurnsInProgress { get; } = Nodes.Sum(static node => node.Load?.TurnsInProgress ?? 0);
}

/// <summary>This node in <c>GET /api/v1/status</c>.</summary>
/// <param name="Node">Its name.</param>
/// <param name="LocalOnly">Why it works without the other nodes; null while it works with them.</param>
/// <param name="LeaseAgeSeconds">Time since its lease was renewed; null before the first time.</param>
internal sealed record NodeStatus(string Node, string? LocalOnly, double? LeaseAgeSeconds);
