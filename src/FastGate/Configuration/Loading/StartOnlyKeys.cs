using FastGate.Configuration.Options;

namespace FastGate.Configuration.Loading;

/// <summary>Keys that are read at start only: a reload keeps their new value for the next start and logs a warning.</summary>
internal static class StartOnlyKeys
{
    private static readonly string[] s_roots =
    [
        "Devices:Listen", "Devices:Transport", "Devices:EventLoops", "Devices:Echo", "Devices:MaxConnections", "Devices:DuplicateDevice",
        "Devices:KeepAlive", "Devices:TrustedProxies", "Devices:TrustedPeers", "Devices:Deflate", "Devices:Limits", "Devices:Rates:PrefixIPv6", "Devices:Tls", "Http:Listen", "Admin:Listen", "Memory:Provider", "Memory:Path", "Memory:ConnectionString",
        "Memory:TablePrefix", "Workers", "Restart:HandOverSocket", "Speech:Vad", "Speech:Opus", "Speech:MemoryMegabytes", "Telemetry", "Commands", "Webhooks", "Cluster",
    ];

    public static bool Contains(string path) => s_roots.Any(root => OptionPath.IsAtOrBelow(path, root));
}
