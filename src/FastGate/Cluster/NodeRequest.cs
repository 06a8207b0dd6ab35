namespace FastGate.Cluster;

/// <summary>Asks another node to run an act.</summary>
/// <param name="Id">Of the request, for its reply.</param>
/// <param name="From">The node that asks.</param>
/// <param name="Device">The device that the act is for; null for an act that is for no single one.</param>
/// <param name="Epoch">Of the connection that the asking node has found: another connection of the device does not get the act.</param>
/// <param name="UntilMs">By the clock of the engine. Later the asking node has given up, and the act must not be run.</param>
/// <param name="Act">What to run.</param>
internal sealed record NodeRequest(string Id, string From, string? Device, long Epoch, long UntilMs, NodeAct Act)
{
    /// <summary>The kind of the message.</summary>
    public const char Kind = 'C';
}
