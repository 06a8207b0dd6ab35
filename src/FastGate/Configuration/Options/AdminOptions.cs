using FastGate.Configuration.Validation;

namespace FastGate.Configuration.Options;

/// <summary>The admin listener: metrics and the operator's API.</summary>
internal sealed record AdminOptions : IOptionSection
{
    /// <summary>Address of the admin listener.</summary>
    [ListenAddress]
    public string Listen { get; init; } = "127.0.0.1:8002";

    /// <summary>Bearer token; required when the listener is not on a loopback address.</summary>
    [Token]
    public string? Token { get; init; }

    /// <summary>Bearer token that may read and not act; needs <c>Token</c>.</summary>
    [Token]
    public string? ViewToken { get; init; }
}
