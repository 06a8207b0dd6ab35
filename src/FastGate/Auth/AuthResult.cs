namespace FastGate.Auth;

/// <summary>What became of a device's credential. The refusals are kept with the handshake; the device itself only sees a 401.</summary>
internal enum AuthResult
{
    // Accepted.

    /// <summary>Authentication is off.</summary>
    Off,

    /// <summary>The device stands in the allow-list and needs no token.</summary>
    AllowedDevice,

    /// <summary>One of the configured tokens.</summary>
    StaticToken,

    /// <summary>A signed token of this device.</summary>
    DeviceToken,

    // Refused.

    MissingToken,

    /// <summary>The credential does not begin with <c>Bearer</c> and one space.</summary>
    BadScheme,

    /// <summary>Neither a configured token nor <c>signature.timestamp</c>.</summary>
    MalformedToken,

    /// <summary>The timestamp is not a number of 63 bits.</summary>
    TimestampOverflow,

    /// <summary>Well formed, but not signed for this device and client.</summary>
    BadSignature,

    /// <summary>Rightly signed, too long ago.</summary>
    Expired,
}
