using FastGate.Cluster;
using FastGate.Connections;
using FastGate.Diagnostics;
using Microsoft.Extensions.Logging;

namespace FastGate.Hosting;

/// <summary>Closes devices of a node that has more than its share, so that they connect to a node that has fewer: after a node has joined. One loop.</summary>
internal sealed class NodeRebalance(RebalanceRule rule, ConnectionServices connections, FleetWalk walk, int perSecond, bool reboots, ILogger log, TimeProvider time)
{
    /// <summary>Nodes renew their leases as often, so that the next step knows what this one has done.</summary>
    private static readonly TimeSpan s_step = TimeSpan.FromSeconds(5);

    /// <summary>A device that has just connected is not moved again.</summary>
    private const long SettledMs = 60_000;

    /// <summary>Called when it has begun or ended.</summary>
    public Action? OnChanged { get; init; }

    public bool IsActive => rule.IsActive;

    /// <param name="node">This node in the cluster.</param>
    /// <param name="load">What it says of itself.</param>
    /// <param name="stop">Ends the loop.</param>
    public async Task RunAsync(ClusterNode node, Func<NodeLoad> load, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            try
            {
                await Task.Delay(s_step, time, stop);
                await StepAsync(node.Node.Name, load(), node.LocalOnly is null ? await node.NodesAsync() : []);
            }
            catch (ClusterEngineException)
            {
                // Without the other nodes there is no mean.
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    /// <summary>Closes what is due until the next step.</summary>
    public async Task StepAsync(string name, NodeLoad own, IReadOnlyList<NodeReport> nodes)
    {
        bool wasActive = rule.IsActive;
        int surplus = rule.Surplus(name, own, nodes);
        if (wasActive != rule.IsActive)
        {
            if (rule.IsActive)
            {
                log.RebalanceBegun(surplus, perSecond);
            }
            else
            {
                log.RebalanceEnded(own.Devices);
            }

            OnChanged?.Invoke();
        }

        int due = Math.Min(surplus, (int)s_step.TotalSeconds * perSecond);
        if (due > 0 && walk.TryStart(IdleDevices().Take(due), perSecond, Move, out Task task))
        {
            await task;
        }
    }

    private void Move(DeviceConnection connection)
    {
        if (reboots)
        {
            connection.Reboot();
        }

        connection.RequestClose(ConnectionEndReason.Moved);
    }

    private IEnumerable<DeviceConnection> IdleDevices()
    {
        foreach (DeviceConnection connection in connections.Registry)
        {
            if (!connection.IsInTurn && connection.EndReason == ConnectionEndReason.None && connections.Clock.NowMs - connection.OpenedMs >= SettledMs)
            {
                yield return connection;
            }
        }
    }
}
