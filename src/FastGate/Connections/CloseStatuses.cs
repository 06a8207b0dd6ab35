using FastGate.Diagnostics;
using FastGate.Protocol.Framing;

namespace FastGate.Connections;

/// <summary>Which close status a device is told for each reason the gateway may end a connection for.</summary>
internal static class CloseStatuses
{
    /// <remarks>
    /// Clients of this family take 1000 and 1001 for an orderly end and do not come back at once; any other makes them reconnect.
    /// </remarks>
    public static CloseStatus Of(ConnectionEndReason reason) => reason switch
    {
        ConnectionEndReason.IdleTimeout or ConnectionEndReason.SessionEnded or ConnectionEndReason.Replaced => CloseStatus.Normal,
        ConnectionEndReason.Draining => CloseStatus.GoingAway,
        ConnectionEndReason.ProtocolViolation => CloseStatus.ProtocolError,
        ConnectionEndReason.InvalidText => CloseStatus.InvalidPayload,
        ConnectionEndReason.MessageTooBig => CloseStatus.MessageTooBig,
        ConnectionEndReason.HelloTimeout or ConnectionEndReason.DuplicateRejected or ConnectionEndReason.Kicked => CloseStatus.PolicyViolation,
        ConnectionEndReason.RegistryFull => CloseStatus.TryAgainLater,
        _ => CloseStatus.InternalError,
    };

    public static ConnectionEndReason ReasonOf(CloseStatus status) => status switch
    {
        CloseStatus.InvalidPayload => ConnectionEndReason.InvalidText,
        CloseStatus.MessageTooBig or CloseStatus.PolicyViolation => ConnectionEndReason.MessageTooBig,
        _ => ConnectionEndReason.ProtocolViolation,
    };
}
