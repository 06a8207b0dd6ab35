namespace FastGate.Diagnostics;

/// <summary>Maps an end reason to its name in metrics and the API.</summary>
internal static class ConnectionEndReasons
{
    public static IReadOnlyList<ConnectionEndReason> All { get; } = Enum.GetValues<ConnectionEndReason>();

    public static string Tag(this ConnectionEndReason reason) => reason switch
    {
        ConnectionEndReason.None => "none",
        ConnectionEndReason.PeerClosed => "peer_closed",
        ConnectionEndReason.PeerVanished => "peer_vanished",
        ConnectionEndReason.PeerReset => "peer_reset",
        ConnectionEndReason.HandshakeRefused => "handshake_refused",
        ConnectionEndReason.NotUpgraded => "not_upgraded",
        ConnectionEndReason.NotAuthorized => "not_authorized",
        ConnectionEndReason.ProtocolViolation => "protocol_violation",
        ConnectionEndReason.InvalidText => "invalid_text",
        ConnectionEndReason.MessageTooBig => "message_too_big",
        ConnectionEndReason.WrongSecret => "wrong_secret",
        ConnectionEndReason.Banned => "banned",
        ConnectionEndReason.SendsTooMuch => "sends_too_much",
        ConnectionEndReason.ConnectsTooOften => "connects_too_often",
        ConnectionEndReason.OriginRefused => "origin_refused",
        ConnectionEndReason.HandshakeTimeout => "handshake_timeout",
        ConnectionEndReason.HelloTimeout => "hello_timeout",
        ConnectionEndReason.IdleTimeout => "idle_timeout",
        ConnectionEndReason.WriteTimeout => "write_timeout",
        ConnectionEndReason.RegistryFull => "registry_full",
        ConnectionEndReason.DuplicateRejected => "duplicate_rejected",
        ConnectionEndReason.Replaced => "replaced",
        ConnectionEndReason.SlowReader => "slow_reader",
        ConnectionEndReason.SessionEnded => "session_ended",
        ConnectionEndReason.Draining => "draining",
        ConnectionEndReason.Kicked => "kicked",
        ConnectionEndReason.TransportError => "transport_error",
        ConnectionEndReason.ServerError => "server_error",
        ConnectionEndReason.MemoryPressure => "memory_pressure",
        ConnectionEndReason.RestartLost => "restart_lost",
        ConnectionEndReason.Moved => "moved",
        _ => throw new ArgumentOutOfRangeException(nameof(reason), reason, "The end reason has no name."),
    };
}
