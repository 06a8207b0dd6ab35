namespace FastGate.Auth;

/// <summary>The result of checking a device's credential. A refusal is recorded with the handshake; the device only sees a 401.</summary>
internal enum AuthResult
{
    // Accepted.

    /// <summary>Authentication is off.</summary>
    Off,

    /// <summary>The device is in the allow-list and needs no token.</summary>
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

    /// <summary>Well formed, but not signed for this device and client, and for no others that are known.</summary>
    BadSignature,

    /// <summary>Correctly signed for this device, but for another client id.</summary>
    OtherClientId,

    /// <summary>Correctly signed for this client id, but for another device.</summary>
    OtherDeviceId,

    /// <summary>Correctly signed, but for another device and another client id.</summary>
    OtherIds,

    /// <summary>Correctly signed, but too long ago.</summary>
    Expired,
}

internal static class AuthResultExtensions
{
    public static bool IsAccepted(this AuthResult result) => result <= AuthResult.DeviceToken;
}
