using FastGate.Configuration.Loading;
using FastGate.Configuration.Options;
using FastGate.Restart;

namespace FastGate.Hosting;

/// <summary>
/// Environment variables that look like settings and are none: <c>FASTGATE_ADMIN_TOKEN</c> for <c>FastGate__Admin__Token</c>. The configuration
/// provider reads only names with two underscores.
/// </summary>
internal static class EnvironmentNames
{
    private const string Prefix = $"{GatewayOptions.Section}_";

    private static readonly string[] s_read = [ConfigurationFolder.Variable, StateTicket.Variable];

    /// <summary>Each name with the variable of the nearest key.</summary>
    public static IEnumerable<(string Name, string Nearest)> FindUnknown(IEnumerable<string> names) => names
        .Where(static name => name.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase) && name.Length > Prefix.Length && name[Prefix.Length] != '_')
        .Except(s_read)
        .Order(StringComparer.Ordinal)
        .Select(static name => (name, $"{GatewayOptions.Section}:{UnknownKeys.Nearest(name[Prefix.Length..].Replace('_', ':'))}".Replace(":", "__", StringComparison.Ordinal)));
}
