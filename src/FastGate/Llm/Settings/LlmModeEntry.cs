namespace FastGate.Llm.Settings;

/// <summary>One purpose's entry in <c>Llm:ByMode</c>. Without an alias its overrides apply to the default provider.</summary>
internal sealed record LlmModeEntry(string? Alias, LlmSettingLayer Overrides)
{
    /// <summary>The keys an alias may be written as; the first that has a value wins.</summary>
    public static readonly IReadOnlyList<string> AliasKeys = ["alias", "name", "module", "llm"];

    public static bool IsAlias(string key) => AliasKeys.Contains(key, StringComparer.OrdinalIgnoreCase);

    public static bool IsOverrides(string key) => string.Equals(key, "overrides", StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether a path below <c>FastGate</c> is that of an entry's overrides, which have a meaning even when they are empty.</summary>
    public static bool IsOverridesPath(string path) => path.Split(':') is [var llm, var byMode, _, var last] && IsOverrides(last)
        && llm.Equals("Llm", StringComparison.OrdinalIgnoreCase) && byMode.Equals("ByMode", StringComparison.OrdinalIgnoreCase);
}
