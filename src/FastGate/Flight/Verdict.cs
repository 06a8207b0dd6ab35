namespace FastGate.Flight;

/// <summary>
/// Why a connection did not become, or did not stay, a device: one value per cause that has its own remedy. Each has a ring of its own in
/// <see cref="FlightRecorder"/>. The names are part of the API.
/// </summary>
internal enum Verdict
{
    // The first bytes are no request for this port.
    TlsOnPlainPort,
    Http2Preface,
    ProxyHeaderUnexpected,
    ProxyHeaderMalformed,
    TlsRequired,
    TlsVersion,
    TlsCertificate,
    TlsFailed,
    TlsBusy,
    Rdp,
    Ssh,
    Smb,
    OtherProtocol,
    UnknownProtocol,

    // An HTTP request that cannot be upgraded.
    Scanner,
    HealthCheck,
    PlainHttp,
    WrongPort,
    WrongPath,
    NoUpgradeToken,
    UpgradeStripped,
    ProxyHttp10,
    MethodNotAllowed,
    BodyNotAllowed,
    MalformedRequest,
    BadTarget,
    RequestTooLarge,
    BadHost,
    BadKey,
    BadVersion,
    OriginNotAllowed,

    // The credential.
    TokenMissing,
    TokenScheme,
    TokenMalformed,
    TokenWrongKey,
    TokenOtherIds,
    TokenExpired,
    ClockSkew,

    // The device id.
    IdMissing,
    IdRefused,
    IdConflict,

    // The state of the server.
    Banned,
    Full,
    Duplicate,
    Draining,
    Overloaded,
    AddressLimited,
    WaitedTooLong,
    NoDescriptor,
    ConnectsTooOften,

    // The time before the device is registered.
    NothingSent,
    TooSlow,
    LeftDuringRequest,
    NoHello,
    LeftBeforeHello,
    BadFirstMessage,

    // The end of a device that had said hello.
    Left,
    Reset,
    IdleTimeout,
    NotReading,
    Replaced,
    SessionEnded,
    Kicked,
    ProtocolViolation,
    SendsTooMuch,
    MemoryPressure,
    RestartLost,
    Moved,
    ServerError,

    // Verdicts of an explanation only.
    Connected,
    SharedId,
    OtaOnly,
    NeverSeen,
}
