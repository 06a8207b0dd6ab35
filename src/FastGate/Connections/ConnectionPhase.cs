namespace FastGate.Connections;

/// <summary>How far a connection is. It only ever moves forward; a step may be left out.</summary>
internal enum ConnectionPhase : byte
{
    /// <summary>The request is not complete yet.</summary>
    Handshaking,

    /// <summary>Upgraded and registered: the device and the gateway talk.</summary>
    Open,

    /// <summary>A newer connection of the same device has taken its place; it is told and ends shortly.</summary>
    Retiring,

    /// <summary>The close frame, or the refusal of the request, is written; what still comes in is looked at only for the peer's close.</summary>
    Closing,

    /// <summary>Nothing runs any more.</summary>
    Closed,
}
