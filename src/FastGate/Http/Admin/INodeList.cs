namespace FastGate.Http.Admin;

/// <summary>The nodes of the cluster, as the admin endpoints see them. Any thread.</summary>
internal interface INodeList
{
    /// <summary>This node; null without a cluster.</summary>
    NodeStatus? Status { get; }

    Task<NodePage> ReadAsync();
}
