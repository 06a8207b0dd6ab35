using System.Collections.Frozen;
using FastGate.Configuration.Loading;

namespace FastGate.Llm.Settings;

/// <summary>
/// The names a provider's or an override's value may have. Both worlds meet here: the options' own spelling (<c>BaseUrl</c>)
/// and that of the YAML file older fleets bring along (<c>base_url</c>, <c>url</c>); case, underscores and dashes do not matter.
/// </summary>
internal static class LlmSettingKeys
{
    private static readonly FrozenDictionary<string, LlmSetting> s_known = new Dictionary<string, LlmSetting>
    {
        ["type"] = LlmSetting.Type,
        ["baseurl"] = LlmSetting.BaseUrl,
        ["url"] = LlmSetting.BaseUrl,
        ["apibase"] = LlmSetting.BaseUrl,
        ["endpoint"] = LlmSetting.BaseUrl,
        ["model"] = LlmSetting.Model,
        ["modelname"] = LlmSetting.Model,
        ["modelid"] = LlmSetting.Model,
        ["apikey"] = LlmSetting.ApiKey,
        ["temperature"] = LlmSetting.Temperature,
        ["maxtokens"] = LlmSetting.MaxTokens,
        ["maxoutputtokens"] = LlmSetting.MaxTokens,
        ["maxcompletiontokens"] = LlmSetting.MaxTokens,
        ["topp"] = LlmSetting.TopP,
        ["frequencypenalty"] = LlmSetting.FrequencyPenalty,
        ["presencepenalty"] = LlmSetting.PresencePenalty,
        ["timeout"] = LlmSetting.Timeout,
        ["timeouts"] = LlmSetting.Timeout,
        ["maxconcurrency"] = LlmSetting.MaxConcurrency,
        ["concurrency"] = LlmSetting.MaxConcurrency,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    private static readonly FrozenDictionary<string, LlmTimeoutPart> s_timeoutParts = new Dictionary<string, LlmTimeoutPart>
    {
        ["connect"] = LlmTimeoutPart.Connect,
        ["firsttoken"] = LlmTimeoutPart.FirstToken,
        ["betweentokens"] = LlmTimeoutPart.BetweenTokens,
        ["read"] = LlmTimeoutPart.Read,
        ["total"] = LlmTimeoutPart.Total,
        ["write"] = LlmTimeoutPart.Ignored,
        ["pool"] = LlmTimeoutPart.Ignored,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>The keys an entry's alias may stand under; the first that is set wins.</summary>
    public static readonly IReadOnlyList<string> Alias = ["alias", "name", "module", "llm"];

    public static LlmSetting Find(string key) => s_known.GetValueOrDefault(Fold(key));

    public static LlmTimeoutPart FindTimeoutPart(string key) => s_timeoutParts.GetValueOrDefault(Fold(key));

    public static bool IsAlias(string key) => Alias.Contains(key, StringComparer.OrdinalIgnoreCase);

    /// <summary>The overrides of a mode's entry, by their whole path: present, they mean something even when nothing stands in them.</summary>
    public static bool IsOverridesPath(string path) =>
        OptionSchema.IsAtOrBelow(path, "Llm:ByMode") && path.Split(':') is [_, _, _, var last] && IsOverrides(last);

    public static bool IsOverrides(string key) => string.Equals(key, "overrides", StringComparison.OrdinalIgnoreCase);

    /// <summary>
    /// What a key is replaced together with when one place of the configuration is laid over another: two spellings of a setting are one, and so
    /// are a timeout as a number and its parts, and the names of an alias.
    /// </summary>
    public static string OverrideGroup(string key)
    {
        LlmSetting setting = Find(key);
        return setting != LlmSetting.Unknown ? setting.ToString() : IsAlias(key) ? "Alias" : Fold(key);
    }

    /// <summary>The value, or null where nothing was really entered: blank, or a template's placeholder such as 你的api key.</summary>
    public static string? Value(string? raw)
    {
        string? value = raw?.Trim();
        return string.IsNullOrEmpty(value) || value.Contains('你') ? null : value;
    }

    private static string Fold(string key) =>
        key.Replace("_", "", StringComparison.Ordinal).Replace("-", "", StringComparison.Ordinal).Trim().ToLowerInvariant();
}
