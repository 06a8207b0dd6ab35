namespace FastGate.Cluster;

/// <summary>One device of a call.</summary>
/// <param name="DeviceId">The normalised device id.</param>
/// <param name="Epoch">Of the connection that has it: 0 for one that has none yet, negative to release it, <see cref="ReleaseAny"/> when its epoch is not known.</param>
/// <param name="ConnectedMs">When the device connected, in milliseconds of the engine's clock.</param>
internal readonly record struct ClaimRequest(string DeviceId, long Epoch, long ConnectedMs)
{
    /// <summary>The answer for a connection that is not the newest one of its device.</summary>
    public const long Stale = -1;

    /// <summary>Releases whatever this node has claimed for the device. No epoch is as great.</summary>
    public const long ReleaseAny = -(1L << 53);
}
