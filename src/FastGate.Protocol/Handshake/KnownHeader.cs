namespace FastGate.Protocol.Handshake;

/// <summary>The headers that the handshake looks at; the value is the slot that remembers where it stands.</summary>
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

    /// <summary>Any of the common headers that nobody asks for; its slot is never read.</summary>
    Ignored,

    Unknown,
}
