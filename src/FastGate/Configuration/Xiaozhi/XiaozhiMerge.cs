using FastGate.Configuration.Yaml;
using FastGate.Llm.Settings;

namespace FastGate.Configuration.Xiaozhi;

/// <summary>
/// Lays one file over another: mappings are merged key by key, anything else replaces what is below. Settings with several spellings are matched
/// by setting.
/// </summary>
internal static class XiaozhiMerge
{
    public static YamlMapping Merge(YamlMapping below, YamlMapping above) => Merge(below, above, static (name, lower, upper) =>
        name is "LLM" or "llm_by_mode" ? Merge(lower, upper, static (_, lower, upper) => MergeSettings(lower, upper)) : MergeDeep(lower, upper));

    private static YamlMapping MergeDeep(YamlMapping below, YamlMapping above) =>
        Merge(below, above, static (_, lower, upper) => MergeDeep(lower, upper));

    private static YamlMapping Merge(YamlMapping below, YamlMapping above, Func<string, YamlMapping, YamlMapping, YamlMapping> mappings)
    {
        OrderedDictionary<string, YamlNode> merged = new(below.Entries);
        foreach ((string name, YamlNode value) in above.Entries)
        {
            merged[name] = value is YamlMapping upper && below.Child(name) is YamlMapping lower ? mappings(name, lower, upper) : value;
        }

        return above with { Entries = merged };
    }

    /// <summary>
    /// Lays one provider, or one mode's entry, over another. A setting of the upper one replaces that of the lower one in any spelling; overrides
    /// are laid over each other in the same way.
    /// </summary>
    private static YamlMapping MergeSettings(YamlMapping below, YamlMapping above)
    {
        HashSet<string> replaced = [.. above.Entries.Keys.Select(LlmSetting.OverrideGroup)];
        OrderedDictionary<string, YamlNode> merged = new(below.Entries.Where(entry => !replaced.Contains(LlmSetting.OverrideGroup(entry.Key))));
        foreach ((string name, YamlNode value) in above.Entries)
        {
            merged[name] = value is YamlMapping upper && LlmModeEntry.IsOverrides(name) && below.Child(name) is YamlMapping lower
                ? MergeSettings(lower, upper)
                : value;
        }

        return above with { Entries = merged };
    }
}
