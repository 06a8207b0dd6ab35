using FastGate.HandOver;

namespace FastGate.Restart.TakeOver;

/// <summary>What a hand-over passes on.</summary>
/// <param name="State">All connections, with the descriptors of this process.</param>
/// <param name="WaitedTurns">Turns that ended by themselves.</param>
/// <param name="CutTurns">Turns that were too long and were cut.</param>
/// <param name="IdleMs">Time for the connections that were not in use, which the others did not notice.</param>
/// <param name="ActiveMs">Time for the others.</param>
internal sealed record DetachedGateway(GatewayState State, int WaitedTurns, int CutTurns, int IdleMs = 0, int ActiveMs = 0)
{
    /// <summary>Connections with TLS, which cannot be passed on and were closed.</summary>
    public int Closed { get; init; }
}
