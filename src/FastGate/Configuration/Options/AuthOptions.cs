using FastGate.Configuration.Validation;

namespace FastGate.Configuration.Options;

/// <summary>Which devices may connect. Off by default, as in xiaozhi's server.</summary>
internal sealed record AuthOptions : IOptionSection
{
    /// <summary>Whether devices must send a token.</summary>
    public bool Enabled { get; init; }

    /// <summary>Key of the HMAC token that OTA issues and the handshake verifies.</summary>
    [Text(4_096, Secret = true)]
    public string? Key { get; init; }

    /// <summary>Static bearer tokens.</summary>
    [Token]
    public IReadOnlyList<string> Tokens { get; init; } = [];

    /// <summary>Device ids that need no token; compared without regard to case.</summary>
    [DeviceIds]
    public IReadOnlyList<string> AllowedDevices { get; init; } = [];

    /// <summary>Age at which an HMAC token expires; 30 days, the old server's default.</summary>
    [WholeNumber(1, 100L * 366 * 24 * 3600)]
    public long ExpireSeconds { get; init; } = 30L * 24 * 3600;

    /// <summary>
    /// Which devices get a token by OTA while authentication is on: every one that asks (<c>Open</c>, as in the old server), the allowed ones and those that
    /// got one before with the same client id (<c>Known</c>), or also those whose six-digit code an operator has confirmed (<c>Activate</c>).
    /// </summary>
    public OtaAccess Ota { get; init; } = OtaAccess.Open;
}

/// <summary>Which devices get a token by OTA.</summary>
internal enum OtaAccess
{
    /// <summary>Every device that asks.</summary>
    Open,

    /// <summary>Allowed devices, and known ones with their client id.</summary>
    Known,

    /// <summary>As <see cref="Known"/>; a device becomes known when an operator confirms its code.</summary>
    Activate,
}
