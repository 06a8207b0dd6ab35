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
}
