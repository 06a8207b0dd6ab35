namespace FastGate.Options;

/// <summary>Lays the old server's keys below the explicit ones.</summary>
internal static class ConfigurationLayers
{
    private const string Providers = "Llm:Providers:";
    private const string Modes = "Llm:ByMode:";

    /// <summary>Spellings of the same provider setting, without underscores and in lower case.</summary>
    private static readonly Dictionary<string, string> s_sameSetting = new() { ["modelname"] = "model", ["url"] = "baseurl" };

    /// <summary>
    /// An explicit key wins. A list and a mode win as a whole: mixing two lists item by item, or a string with an object, means nothing.
    /// </summary>
    public static void PutBelow(Dictionary<string, string?> above, IReadOnlyDictionary<string, string?> below)
    {
        HashSet<string> taken = new(above.Keys.Select(Unit), StringComparer.OrdinalIgnoreCase);
        foreach ((string path, string? value) in below)
        {
            if (!taken.Contains(Unit(path)))
            {
                above.TryAdd(path, value);
            }
        }
    }

    /// <summary>What is replaced together.</summary>
    private static string Unit(string path)
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
            string setting = path[(alias + 1)..].Replace("_", "", StringComparison.Ordinal).ToLowerInvariant();
            return path[..(alias + 1)] + s_sameSetting.GetValueOrDefault(setting, setting);
        }

        return path;
    }
}
