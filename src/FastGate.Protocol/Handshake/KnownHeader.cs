namespace FastGate.Protocol.Handshake;

/// <summary>The headers that the handshake reads. The value is the index in <see cref="HeaderSlots"/>.</summary>
internal enum KnownHeader : byte
{
    Host,
    Upgrade,
    Connection,
    WebSocketKey,
    WebSocketVersion,
    Authorization,
    ProtocolVersion,

    // The id headers are in the order of their priority, as in IdentitySource.
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
    AcceptLanguage,
    Origin,

    /// <summary>Any common header that the handshake does not use; its slot is never read.</summary>
    Ignored,

    Unknown,
}
