using FastGate.Llm.Settings;

namespace FastGate.Configuration.Loading;

/// <summary>Lays the keys of the old server's file below the explicit ones.</summary>
internal static class ConfigurationLayers
{
    private const string Providers = "Llm:Providers:";
    private const string Modes = "Llm:ByMode:";

    /// <summary>
    /// An explicit key wins. A list, a mode's entry and a timeout are replaced as a whole, because a mix of two has no meaning. A provider's
    /// setting is replaced in any spelling.
    /// </summary>
    public static void PutBelow(Dictionary<string, string?> above, IReadOnlyDictionary<string, string?> below)
    {
        HashSet<string> taken = new(above.Keys.Select(OverrideGroup), StringComparer.OrdinalIgnoreCase);
        foreach ((string path, string? value) in below.Where(key => !taken.Contains(OverrideGroup(key.Key))))
        {
            above.TryAdd(path, value);
        }
    }

    /// <summary>Keys with an equal group replace each other.</summary>
    private static string OverrideGroup(string path)
    {
        if (OptionSchema.ListOf(path) is OptionKey list)
        {
            return list.Path;
        }

        if (path.StartsWith(Modes, StringComparison.OrdinalIgnoreCase))
        {
            return string.Join(':', path.Split(':').Take(3));
        }

        return path.StartsWith(Providers, StringComparison.OrdinalIgnoreCase) && path.Split(':') is [_, _, var alias, var setting, ..]
            ? $"{Providers}{alias}:{LlmSetting.OverrideGroup(setting)}"
            : path;
    }
}
