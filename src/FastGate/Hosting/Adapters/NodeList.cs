using FastGate.Cluster;
using FastGate.Http.Admin;

namespace FastGate.Hosting.Adapters;

/// <summary>The nodes of the cluster for the admin API. A gateway without a cluster, or without its engine, shows itself.</summary>
/// <param name="cluster">Null without a cluster.</param>
/// <param name="load">Of this gateway.</param>
internal sealed class NodeList(ClusterNode? cluster, Func<NodeLoad> load) : INodeList
{
    public NodeStatus? Status => cluster is null ? null
        : new NodeStatus(cluster.Node.Name, cluster.LocalOnly, cluster.LeaseAge is { } age ? Math.Round(age.TotalSeconds, 1) : null);

    public async Task<NodePage> ReadAsync()
    {
        if (cluster is { LocalOnly: null })
        {
            try
            {
                return new NodePage(cluster.Node.Name, null, await cluster.NodesAsync());
            }
            catch (ClusterEngineException exception)
            {
                return Own(exception.Message);
            }
        }

        return Own(cluster?.LocalOnly);
    }

    private NodePage Own(string? localOnly) => new(cluster?.Node.Name, localOnly, [new NodeReport(cluster?.Node.Name ?? "", true, 0, load())]);
}
