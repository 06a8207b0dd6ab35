using System.Net;

namespace FastGate.Connections;

/// <summary>Which devices a drain refuses at their handshake.</summary>
/// <param name="Matches">Null: every device, whatever its id. Called by event loops.</param>
internal sealed record DrainRule(Func<string, EndPoint?, bool>? Matches);
