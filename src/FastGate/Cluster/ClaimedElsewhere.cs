namespace FastGate.Cluster;

/// <summary>Another node has claimed a device of the node that gets this message.</summary>
/// <param name="Id">The device.</param>
/// <param name="Epoch">Of the connection that is not the newest any more. Text in the message: it is exact there in every language.</param>
internal sealed record ClaimedElsewhere(string Id, long Epoch)
{
    /// <summary>The kind of the message, which the claim script sends.</summary>
    public const char Kind = 'K';
}
