namespace FastGate.Configuration.Loading;

/// <summary>Keys that are read once at start: a reload keeps their new value for the next start and says so.</summary>
internal static class StartOnlyKeys
{
    private static readonly string[] s_roots =
    [
        "Devices:Listen", "Devices:Transport", "Devices:EventLoops", "Devices:Echo", "Devices:MaxConnections", "Devices:DuplicateDevice",
        "Devices:Limits", "Http:Listen", "Admin:Listen", "Memory:Provider", "Memory:Path", "Workers",
    ];

    public static bool Contains(string path) => s_roots.Any(root => OptionSchema.IsAtOrBelow(path, root));
}
