using System.Text.Json;

namespace FastGate.Cluster;

/// <summary>A node as others see it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Alive">Whether it has a lease.</param>
/// <param name="LeaseAgeSeconds">Time since it renewed its lease.</param>
/// <param name="Load">What it said then; null without a lease.</param>
internal sealed record NodeReport(string Name, bool Alive, double LeaseAgeSeconds, NodeLoad? Load)
{
    public static NodeReport Of(NodeEntry node) =>
        new(node.Name, node.Load is not null, Math.Round(node.Age.TotalSeconds, 1), node.Load is null ? null : TryRead(node.Load));

    /// <summary>A node of another version may say other things.</summary>
    private static NodeLoad? TryRead(string load)
    {
        try
        {
            return JsonSerializer.Deserialize(load, ClusterJson.Default.NodeLoad);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
