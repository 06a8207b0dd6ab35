namespace FastGate.Cluster;

/// <summary>Commands wait for a device of the node that gets this message.</summary>
/// <param name="Id">The device.</param>
internal sealed record CommandsWait(string Id)
{
    /// <summary>The kind of the message, which the scripts send.</summary>
    public const char Kind = 'Q';
}
