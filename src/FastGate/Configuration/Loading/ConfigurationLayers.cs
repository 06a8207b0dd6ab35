using FastGate.Llm.Settings;

namespace FastGate.Configuration.Loading;

/// <summary>Lays the old server's keys below the explicit ones.</summary>
internal static class ConfigurationLayers
{
    private const string Providers = "Llm:Providers:";
    private const string Modes = "Llm:ByMode:";

    /// <summary>
    /// An explicit key wins. A list, a mode and a timeout win as a whole: mixing two lists item by item, or a string with an object, means
    /// nothing. A provider's setting wins in whichever spelling it stands.
    /// </summary>
    public static void PutBelow(Dictionary<string, string?> above, IReadOnlyDictionary<string, string?> below)
    {
        HashSet<string> taken = new(above.Keys.Select(OverrideGroup), StringComparer.OrdinalIgnoreCase);
        foreach ((string path, string? value) in below)
        {
            if (!taken.Contains(OverrideGroup(path)))
            {
                above.TryAdd(path, value);
            }
        }
    }

    /// <summary>What is replaced together.</summary>
    private static string OverrideGroup(string path)
    {
        if (OptionSchema.ListOf(path) is OptionKey list)
        {
            return list.Path;
        }

        if (path.StartsWith(Modes, StringComparison.OrdinalIgnoreCase))
        {
            int end = path.IndexOf(':', Modes.Length);
            return end < 0 ? path : path[..end];
        }

        if (path.StartsWith(Providers, StringComparison.OrdinalIgnoreCase) && path.IndexOf(':', Providers.Length) is > 0 and int alias)
        {
            int end = path.IndexOf(':', alias + 1);
            return path[..(alias + 1)] + LlmSettingKeys.OverrideGroup(end < 0 ? path[(alias + 1)..] : path[(alias + 1)..end]);
        }

        return path;
    }
}
