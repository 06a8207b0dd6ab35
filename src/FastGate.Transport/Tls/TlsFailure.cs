namespace FastGate.Transport.Tls;

/// <summary>Why a TLS handshake did not complete.</summary>
internal enum TlsFailure
{
    None,

    /// <summary>The first bytes only look like TLS.</summary>
    NotTls,

    /// <summary>The client offers nothing later than TLS 1.1.</summary>
    OldVersion,

    /// <summary>The client has ended its side within its hello.</summary>
    PeerLeft,

    /// <summary>The client has ended its side after its hello: mostly because it does not accept the certificate.</summary>
    LeftAfterCertificate,

    /// <summary>The client sent more than a handshake needs before it was complete.</summary>
    TooMuch,

    /// <summary>Too many handshakes are in progress.</summary>
    Refused,

    /// <summary>The library refused the handshake, or the client did with an alert.</summary>
    Failed,
}
