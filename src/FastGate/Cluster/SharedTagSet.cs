namespace FastGate.Cluster;

/// <summary>The tags of a device, as all nodes share them.</summary>
/// <param name="Device">The device.</param>
/// <param name="Tags">Separated by spaces; empty when the device has none any more.</param>
/// <param name="Version">Greater for a later change of any device.</param>
internal sealed record SharedTagSet(string Device, string Tags, long Version)
{
    /// <summary>The kind of the message that says that tags have changed.</summary>
    public const char ChangedKind = 'G';
}
