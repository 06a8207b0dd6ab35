namespace FastGate.Cluster;

/// <summary>A node should give away its devices, or take devices again.</summary>
/// <param name="Begins">False to end the drain.</param>
/// <param name="Rate">Devices closed in a second.</param>
/// <param name="Reboot">Whether devices are restarted, after which they ask OTA; null for those of a node with an address of its own.</param>
internal sealed record NodeDrain(bool Begins, int Rate = 0, bool? Reboot = null)
{
    /// <summary>The kind of the message.</summary>
    public const char Kind = 'S';
}
