namespace FastGate.Protocol.Handshake;

/// <summary>The headers that the handshake reads; the value is the index of the header's slot.</summary>
internal enum KnownHeader : byte
{
    Host,
    Upgrade,
    Connection,
    WebSocketKey,
    WebSocketVersion,
    WebSocketProtocol,
    WebSocketExtensions,
    Authorization,
    ProtocolVersion,

    // The order of the id headers is their rank in DeviceIdentity.
    DeviceId,
    DeviceIdUnderscore,
    XDeviceId,
    XDeviceIdUnderscore,
    ClientId,
    ClientIdUnderscore,
    XClientId,
    XClientIdUnderscore,

    XRealIp,
    XForwardedFor,
    ContentLength,
    TransferEncoding,
    UserAgent,
    Origin,

    /// <summary>Any common header that the handshake does not need; its slot is never read.</summary>
    Ignored,

    Unknown,
}
