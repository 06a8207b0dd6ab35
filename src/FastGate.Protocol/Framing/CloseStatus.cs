namespace FastGate.Protocol.Framing;

/// <summary>The number in a Close frame (RFC 6455 section 7.4.1 and IANA's registry). 3000 to 4999 are for applications.</summary>
public enum CloseStatus : ushort
{
    /// <summary>The connection has served its purpose.</summary>
    Normal = 1000,

    /// <summary>The server stops, or the user leaves the page.</summary>
    GoingAway = 1001,

    /// <summary>The peer violated the protocol.</summary>
    ProtocolError = 1002,

    /// <summary>The endpoint cannot accept this kind of data.</summary>
    UnsupportedData = 1003,

    /// <summary>The Close frame carried no status; never on the wire.</summary>
    NoStatus = 1005,

    /// <summary>The connection ended without a Close frame; never on the wire.</summary>
    Abnormal = 1006,

    /// <summary>Data does not match its type, such as text that is not UTF-8.</summary>
    InvalidPayload = 1007,

    /// <summary>The peer violated a policy of the endpoint.</summary>
    PolicyViolation = 1008,

    /// <summary>The message is too big to process.</summary>
    MessageTooBig = 1009,

    /// <summary>The client needs an extension that the server did not negotiate.</summary>
    MandatoryExtension = 1010,

    /// <summary>The server encountered an unexpected condition.</summary>
    InternalError = 1011,

    /// <summary>The server restarts.</summary>
    ServiceRestart = 1012,

    /// <summary>The server is overloaded.</summary>
    TryAgainLater = 1013,

    /// <summary>A gateway received an invalid response from its upstream server.</summary>
    BadGateway = 1014,

    /// <summary>The TLS handshake failed; never on the wire.</summary>
    TlsHandshake = 1015,
}
