using FastGate.Diagnostics;
using FastGate.Protocol.Framing;

namespace FastGate.Connections;

/// <summary>The close status sent for each end reason.</summary>
internal static class CloseStatuses
{
    /// <remarks>
    /// Device clients treat 1000 and 1001 as a normal end and do not reconnect at once; any other status makes them reconnect.
    /// </remarks>
    public static CloseStatus Of(ConnectionEndReason reason) => reason switch
    {
        ConnectionEndReason.IdleTimeout or ConnectionEndReason.SessionEnded or ConnectionEndReason.Replaced => CloseStatus.Normal,
        ConnectionEndReason.Draining => CloseStatus.GoingAway,
        ConnectionEndReason.ProtocolViolation => CloseStatus.ProtocolError,
        ConnectionEndReason.InvalidText => CloseStatus.InvalidPayload,
        ConnectionEndReason.MessageTooBig => CloseStatus.MessageTooBig,
        ConnectionEndReason.HelloTimeout or ConnectionEndReason.DuplicateRejected or ConnectionEndReason.Kicked or ConnectionEndReason.WrongSecret
            or ConnectionEndReason.Banned or ConnectionEndReason.SendsTooMuch =>
            CloseStatus.PolicyViolation,
        ConnectionEndReason.RegistryFull or ConnectionEndReason.MemoryPressure or ConnectionEndReason.Overloaded => CloseStatus.TryAgainLater,
        ConnectionEndReason.RestartLost or ConnectionEndReason.Moved => CloseStatus.ServiceRestart,
        _ => CloseStatus.InternalError,
    };

    public static ConnectionEndReason ReasonOf(CloseStatus status) => status switch
    {
        CloseStatus.InvalidPayload => ConnectionEndReason.InvalidText,
        CloseStatus.MessageTooBig or CloseStatus.PolicyViolation => ConnectionEndReason.MessageTooBig,
        _ => ConnectionEndReason.ProtocolViolation,
    };
}
