using System.Net;

namespace FastGate.Connections;

/// <summary>Which devices a drain refuses at their handshake.</summary>
/// <param name="Matches">Null: every device, whatever its id. Called by event loops; must not allocate.</param>
internal sealed record NewcomerRule(Func<string, IPAddress?, bool>? Matches)
{
    public bool IsRefused(string deviceId, IPAddress? address) => Matches is null || Matches(deviceId, address);
}
