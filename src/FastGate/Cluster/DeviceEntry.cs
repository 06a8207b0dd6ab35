namespace FastGate.Cluster;

/// <summary>Where a device is connected.</summary>
internal sealed record DeviceEntry(string Node, long Epoch);
