namespace FastGate.Diagnostics;

/// <summary>
/// Why a device connection ended: the same closed list for metric tags, log fields and the API.
/// The first reason wins. Numbers are never reused.
/// </summary>
internal enum ConnectionEndReason
{
    /// <summary>Not ended; never reported.</summary>
    None = 0,

    // Caused by the peer.
    PeerClosed = 1,
    PeerVanished = 2,
    PeerReset = 3,
    HandshakeRefused = 4,
    NotUpgraded = 5,
    NotAuthorized = 6,
    ProtocolViolation = 7,
    InvalidText = 8,
    MessageTooBig = 9,
    WrongSecret = 10,
    Banned = 11,
    SendsTooMuch = 14,
    ConnectsTooOften = 15,
    OriginRefused = 18,

    // Deadlines.
    HandshakeTimeout = 20,
    HelloTimeout = 21,
    IdleTimeout = 22,
    WriteTimeout = 23,

    // Decided by the registry.
    RegistryFull = 30,
    DuplicateRejected = 31,
    Replaced = 32,

    // Caused by the gateway.
    SlowReader = 40,
    SessionEnded = 41,
    Draining = 42,
    Kicked = 43,
    TransportError = 44,
    ServerError = 45,
    MemoryPressure = 46,
    RestartLost = 47,
    Moved = 48,
}
