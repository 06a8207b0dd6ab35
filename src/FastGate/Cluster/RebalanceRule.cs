namespace FastGate.Cluster;

/// <summary>
/// How many devices this node gives away, from what all nodes say of themselves. It begins well above the mean and ends at the mean, and then pauses, so that
/// devices do not move to and fro. One loop.
/// </summary>
/// <param name="least">A smaller surplus is not worth a reconnect.</param>
/// <param name="time">The clock.</param>
internal sealed class RebalanceRule(int least, TimeProvider time)
{
    private const double Above = 1.1;

    private static readonly TimeSpan s_pause = TimeSpan.FromMinutes(5);

    private volatile bool _isActive;
    private long? _endedAt;

    /// <summary>Whether this node gives away devices. Any thread.</summary>
    public bool IsActive => _isActive;

    /// <summary>Devices to close now; 0 for none.</summary>
    /// <param name="name">Of this node.</param>
    /// <param name="own">What this node says of itself now.</param>
    /// <param name="nodes">All nodes; what they say of this one may be old.</param>
    public int Surplus(string name, NodeLoad own, IReadOnlyList<NodeReport> nodes)
    {
        NodeReport[] others =
        [
            .. nodes.Where(node => node.Name != name && node.Load is { Draining: false, DeviceLimit: > 0 } load
                && (load.Tags ?? []).ToHashSet(StringComparer.Ordinal).SetEquals(own.Tags ?? [])),
        ];
        double mean = (own.Devices + others.Sum(static node => (double)node.Load!.Devices)) / (own.DeviceLimit + others.Sum(static node => (double)node.Load!.DeviceLimit));
        double room = others.Sum(node => Math.Max(0, (mean * node.Load!.DeviceLimit) - node.Load.Devices));
        int surplus = own.Draining || own.DeviceLimit <= 0 ? 0 : (int)Math.Min(room, own.Devices - (mean * own.DeviceLimit));
        if (_isActive)
        {
            _isActive = surplus > 0;
            _endedAt = _isActive ? null : time.GetTimestamp();
        }
        else
        {
            _isActive = surplus >= least && FillOf(own) > Above * mean
                && (_endedAt is not { } at || time.GetElapsedTime(at) >= s_pause)
                && others.All(node => !node.Load!.Rebalancing && IsAfter(node, name, own));
        }

        return _isActive ? surplus : 0;
    }

    /// <summary>One node at a time: of those above the mean, the fullest one.</summary>
    private static bool IsAfter(NodeReport node, string name, NodeLoad own) =>
        FillOf(node.Load!) < FillOf(own) || (FillOf(node.Load!) <= FillOf(own) && string.CompareOrdinal(node.Name, name) > 0);

    private static double FillOf(NodeLoad load) => (double)load.Devices / load.DeviceLimit;
}
