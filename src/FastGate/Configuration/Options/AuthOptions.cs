namespace FastGate.Configuration.Options;

/// <summary>Who may connect. Off by default, as the fleets' old server has it.</summary>
internal sealed record AuthOptions
{
    public bool Enabled { get; init; }

    /// <summary>Key of the HMAC token that OTA hands out and the device door verifies.</summary>
    public string? Key { get; init; }

    /// <summary>Static bearer tokens.</summary>
    public IReadOnlyList<string> Tokens { get; init; } = [];

    /// <summary>Device ids that need no token; compared without regard to case.</summary>
    public IReadOnlyList<string> AllowedDevices { get; init; } = [];

    /// <summary>Age at which an HMAC token dies; 30 days, the old server's default.</summary>
    public long ExpireSeconds { get; init; } = 30L * 24 * 3600;
}
