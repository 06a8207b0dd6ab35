using FastGate.Configuration.Options;

namespace FastGate.Configuration.Loading;

/// <summary>Keys whose value has no effect because another key switches off what reads them.</summary>
internal static class UnusedKeys
{
    public static bool Contains(string path, GatewayOptions options) =>
        (!options.Auth.Enabled && OptionPath.IsAtOrBelow(path, "Auth") && !path.Equals("Auth:Enabled", StringComparison.OrdinalIgnoreCase)) ||
        (!options.Session.Goodbye && path.Equals("Session:GoodbyeText", StringComparison.OrdinalIgnoreCase)) ||
        (options.Session is { Goodbye: false } or { GoodbyeText: not null } && path.Equals("Session:EndPrompt", StringComparison.OrdinalIgnoreCase));
}
