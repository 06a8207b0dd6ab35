using FastGate.Cluster;
using FastGate.Http.Admin;
using Microsoft.AspNetCore.Http;

namespace FastGate.Hosting.Adapters;

/// <summary>The nodes of the cluster for the admin API. A gateway without a cluster, or without its engine, shows itself.</summary>
/// <param name="cluster">Null without a cluster.</param>
/// <param name="load">Of this gateway.</param>
/// <param name="drain">Begins or ends the drain of this gateway; returns why it has not.</param>
internal sealed class NodeList(ClusterNode? cluster, Func<NodeLoad> load, Func<NodeDrain, string?> drain) : INodeList
{
    /// <summary>A node renews its lease when its drain begins or ends.</summary>
    private static readonly TimeSpan s_confirmLimit = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan s_askEvery = TimeSpan.FromMilliseconds(100);

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

    public async Task<string?> FindAsync(string deviceId)
    {
        try
        {
            return cluster is { LocalOnly: null } && await cluster.FindAsync(deviceId) is { } entry && entry.Node != cluster.Node.Name ? entry.Node : null;
        }
        catch (ClusterEngineException)
        {
            return null;
        }
    }

    public async Task<NodeReport> DrainAsync(string node, NodeDrain ask)
    {
        if (cluster is null)
        {
            throw new AdminProblemException(StatusCodes.Status404NotFound, "this gateway is not a node of a cluster; see /api/v1/drain");
        }

        if (node == cluster.Node.Name)
        {
            return drain(ask) is string refusal ? throw new AdminProblemException(StatusCodes.Status409Conflict, refusal) : Own();
        }

        if (cluster.LocalOnly is { } why)
        {
            throw Away(why);
        }

        try
        {
            if (await cluster.Messages.SendAsync(node, NodeDrain.Kind, ask, ClusterJson.Default.NodeDrain) == 0)
            {
                throw new AdminProblemException(StatusCodes.Status404NotFound, $"no node {node} is in the cluster");
            }

            return await ConfirmedAsync(cluster, node, ask.Begins)
                ?? throw new AdminProblemException(StatusCodes.Status504GatewayTimeout, $"the node {node} has not confirmed it; another drain may be running there");
        }
        catch (ClusterEngineException exception)
        {
            throw Away(exception.Message);
        }
    }

    /// <summary>The message may be lost and has no answer: the lease of the node says what it does.</summary>
    private static async Task<NodeReport?> ConfirmedAsync(ClusterNode cluster, string name, bool drains)
    {
        long began = TimeProvider.System.GetTimestamp();
        while (true)
        {
            NodeReport? node = (await cluster.NodesAsync()).FirstOrDefault(node => node.Name == name && node.Load?.Draining == drains);
            if (node is not null || TimeProvider.System.GetElapsedTime(began) > s_confirmLimit)
            {
                return node;
            }

            await Task.Delay(s_askEvery);
        }
    }

    private static AdminProblemException Away(string why) => new(StatusCodes.Status503ServiceUnavailable, $"the other nodes cannot be reached ({why})");

    private NodeReport Own() => new(cluster?.Node.Name ?? "", true, 0, load());

    private NodePage Own(string? localOnly) => new(cluster?.Node.Name, localOnly, [Own()]);
}
