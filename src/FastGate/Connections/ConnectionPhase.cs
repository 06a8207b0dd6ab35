namespace FastGate.Connections;

/// <summary>Phase of a connection. It only moves forward and may skip a phase.</summary>
internal enum ConnectionPhase : byte
{
    /// <summary>The request is not complete yet.</summary>
    Handshaking,

    /// <summary>Upgraded and registered; messages are exchanged.</summary>
    Open,

    /// <summary>A newer connection of the same device has replaced it; it is notified and closed shortly after.</summary>
    Retiring,

    /// <summary>The close frame or the refusal has been written; only the peer's close frame is still read.</summary>
    Closing,

    /// <summary>Ended; no code of the connection runs any more.</summary>
    Closed,
}
