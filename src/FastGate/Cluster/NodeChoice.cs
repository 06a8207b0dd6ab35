using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace FastGate.Cluster;

/// <summary>Which node OTA names to a device.</summary>
internal static class NodeChoice
{
    /// <summary>Nodes whose loads differ by less are equal, so that a device usually stays where it is or comes back to where it was.</summary>
    public const double LittleDifference = 0.1;

    /// <summary>
    /// Among the nodes that have room, those with a tag of the device come first, then those without tags, then all. Of these it is the present node when
    /// its load is about the least; else one of those with about the least load, for each device the same one at every node that is asked.
    /// </summary>
    /// <param name="nodes">All nodes that have an address.</param>
    /// <param name="deviceId">The normalised device id.</param>
    /// <param name="tags">Of the device.</param>
    /// <param name="present">The node where the device is connected, or null.</param>
    /// <returns>Null when no node has room.</returns>
    public static NodeCandidate? Choose(IReadOnlyList<NodeCandidate> nodes, string deviceId, IReadOnlyCollection<string> tags, string? present)
    {
        NodeCandidate[] open = [.. nodes.Where(static node => node.HasRoom)];
        NodeCandidate[] tagged = [.. open.Where(node => node.Tags.Any(tags.Contains))];
        NodeCandidate[] untagged = [.. open.Where(static node => node.Tags.Count == 0)];
        NodeCandidate[] group = tagged.Length > 0 ? tagged : untagged.Length > 0 ? untagged : open;
        if (group.Length == 0)
        {
            return null;
        }

        double least = group.Min(static node => node.Load);
        NodeCandidate[] near = [.. group.Where(node => node.Load - least < LittleDifference)];
        return near.FirstOrDefault(node => node.Name == present) ?? near.MaxBy(node => Rank(deviceId, node.Name));
    }

    /// <summary>A number without a pattern. A node that joins or leaves changes the choice only of the devices that it gets or had.</summary>
    private static ulong Rank(string deviceId, string node) =>
        BinaryPrimitives.ReadUInt64LittleEndian(SHA256.HashData(Encoding.UTF8.GetBytes($"{deviceId} {node}")));
}
