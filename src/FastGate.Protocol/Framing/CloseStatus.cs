namespace FastGate.Protocol.Framing;

/// <summary>The number in a Close frame (RFC 6455 section 7.4.1 and IANA's registry). 3000 to 4999 are for applications.</summary>
public enum CloseStatus : ushort
{
    /// <summary>The purpose of the connection is fulfilled.</summary>
    Normal = 1000,

    /// <summary>The server stops or the page is left.</summary>
    GoingAway = 1001,

    /// <summary>The peer broke the protocol.</summary>
    ProtocolError = 1002,

    /// <summary>A kind of data that cannot be accepted.</summary>
    UnsupportedData = 1003,

    /// <summary>The Close frame carried no status; never on the wire.</summary>
    NoStatus = 1005,

    /// <summary>The connection ended without a Close frame; never on the wire.</summary>
    Abnormal = 1006,

    /// <summary>Data that is not what its type says, such as text that is not UTF-8.</summary>
    InvalidPayload = 1007,

    /// <summary>A rule of this endpoint was broken.</summary>
    PolicyViolation = 1008,

    /// <summary>A message too big to process.</summary>
    MessageTooBig = 1009,

    /// <summary>The client needs an extension that the server did not negotiate.</summary>
    MandatoryExtension = 1010,

    /// <summary>The server met a condition it did not expect.</summary>
    InternalError = 1011,

    /// <summary>The server restarts.</summary>
    ServiceRestart = 1012,

    /// <summary>The server is overloaded.</summary>
    TryAgainLater = 1013,

    /// <summary>A gateway got a bad answer from behind it.</summary>
    BadGateway = 1014,

    /// <summary>The TLS handshake failed; never on the wire.</summary>
    TlsHandshake = 1015,
}
