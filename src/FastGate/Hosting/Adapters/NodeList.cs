using FastGate.Cluster;
using FastGate.Http.Admin;
using Microsoft.AspNetCore.Http;

namespace FastGate.Hosting.Adapters;

/// <summary>The nodes of the cluster for the admin API. A gateway without a cluster, or without its engine, shows itself.</summary>
/// <param name="cluster">Null without a cluster.</param>
/// <param name="load">Of this gateway.</param>
internal sealed class NodeList(ClusterNode? cluster, Func<NodeLoad> load) : INodeList
{
    /// <summary>Begins the drain of this gateway; returns why it has not.</summary>
    public Func<int, bool?, string?> Begin { private get; init; } = static (_, _) => null;

    /// <summary>Ends the drain of this gateway; returns why it has not.</summary>
    public Func<string?> End { private get; init; } = static () => null;

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

    public Task<NodeReport> DrainAsync(int rate, bool? reboot) => DoAsync(() => Begin(rate, reboot));

    public Task<NodeReport> EndDrainAsync() => DoAsync(End);

    private async Task<NodeReport> DoAsync(Func<string?> act)
    {
        if (cluster is null)
        {
            throw new AdminProblemException(StatusCodes.Status404NotFound, "this gateway is not a node of a cluster; see /api/v1/drain");
        }

        if (act() is { } refusal)
        {
            throw new AdminProblemException(StatusCodes.Status409Conflict, refusal);
        }

        await cluster.RenewAsync();
        return Own();
    }

    private NodeReport Own() => new(cluster?.Node.Name ?? "", true, 0, load());

    private NodePage Own(string? localOnly) => new(cluster?.Node.Name, localOnly, [Own()]);
}
