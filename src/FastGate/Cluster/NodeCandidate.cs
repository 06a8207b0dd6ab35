namespace FastGate.Cluster;

/// <summary>A node to which OTA may send devices.</summary>
/// <param name="name">Its name.</param>
/// <param name="said">What it said of itself with its last renewal.</param>
/// <param name="renewedAt">When that was, in seconds of this node's clock.</param>
internal sealed class NodeCandidate(string name, NodeLoad said, double renewedAt)
{
    private int _expected;

    public string Name => name;

    public string Url => said.Url!;

    public IReadOnlyList<string> Tags => said.Tags ?? [];

    public double RenewedAt => renewedAt;

    public bool HasRoom => !said.Draining && Devices < said.DeviceLimit;

    /// <summary>Share of its scarcest resource that is in use: of its places for devices, or of its event loops' time.</summary>
    public double Load => Math.Max((double)Devices / Math.Max(1, said.DeviceLimit), said.Loops.Count == 0 ? 0 : said.Loops.Average());

    private int Devices => said.Devices + Volatile.Read(ref _expected);

    /// <summary>A device is sent there. It counts until the node says that it has it. Any thread.</summary>
    public void Expect() => Interlocked.Increment(ref _expected);

    /// <summary>Takes over what <paramref name="before"/> expected, unless the node has renewed its lease since.</summary>
    public NodeCandidate After(NodeCandidate? before)
    {
        // The age of a lease has one decimal place.
        if (before is not null && renewedAt - before.RenewedAt < 0.5)
        {
            _expected = Volatile.Read(ref before._expected);
        }

        return this;
    }
}
