using System.Globalization;
using FastGate.Configuration.Validation;

namespace FastGate.Llm.Settings;

/// <summary>
/// One setting of a provider or of a purpose's overrides: its name, the keys it may be written as, and how its text is parsed.
/// Case, underscores and dashes of a key are ignored, so <c>BaseUrl</c> includes the <c>base_url</c> of xiaozhi's YAML.
/// </summary>
internal sealed class LlmSetting
{
    private static readonly TimeSpan s_longestTimeout = TimeSpan.FromMinutes(30);
    private static readonly string s_durationAllowed = $"seconds or a time span above 0 and up to {s_longestTimeout}";

    public static readonly LlmSetting Type = new("Type", static text => text, "", "type");
    public static readonly LlmSetting BaseUrl = new("BaseUrl", ParseAddress, "an http or https address", "baseurl", "url", "apibase", "endpoint") { Mask = LlmSecrets.MaskUrl };
    public static readonly LlmSetting Model = new("Model", static text => text, "", "model", "modelname", "modelid", "botid", "agentid");
    public static readonly LlmSetting ApiKey = new("ApiKey", static text => text, "", "apikey", "personalaccesstoken") { Mask = LlmSecrets.Mask };
    public static readonly LlmSetting Temperature = Number("Temperature", 0, 2, "temperature");
    public static readonly LlmSetting MaxTokens = WholeNumber("MaxTokens", 1_000_000, "maxtokens", "maxoutputtokens", "maxcompletiontokens");
    public static readonly LlmSetting TopP = Number("TopP", 0, 1, "topp");
    public static readonly LlmSetting FrequencyPenalty = Number("FrequencyPenalty", -2, 2, "frequencypenalty");
    public static readonly LlmSetting PresencePenalty = Number("PresencePenalty", -2, 2, "presencepenalty");
    public static readonly LlmSetting MaxConcurrency = WholeNumber("MaxConcurrency", 100_000, "maxconcurrency", "concurrency");
    public static readonly LlmSetting ConnectTimeout = Duration("Timeout:Connect");
    public static readonly LlmSetting FirstTokenTimeout = Duration("Timeout:FirstToken");
    public static readonly LlmSetting BetweenTokensTimeout = Duration("Timeout:BetweenTokens");

    /// <summary>A timeout that is one number limits the whole call; the other timeouts stay unless they exceed it.</summary>
    public static readonly LlmSetting TotalTimeout = Duration("Timeout:Total", "timeout", "timeouts");

    public static readonly IReadOnlyList<LlmSetting> All =
    [
        Type, BaseUrl, Model, ApiKey, Temperature, MaxTokens, TopP, FrequencyPenalty, PresencePenalty, MaxConcurrency,
        ConnectTimeout, FirstTokenTimeout, BetweenTokensTimeout, TotalTimeout,
    ];

    private static readonly Dictionary<string, LlmSetting> s_byKey = ByKey();

    /// <summary>The keys below a <c>timeout</c>: <c>read</c> covers two timeouts, <c>write</c> and <c>pool</c> of other HTTP clients none.</summary>
    private static readonly Dictionary<string, LlmSetting[]> s_timeoutParts = new(StringComparer.Ordinal)
    {
        ["connect"] = [ConnectTimeout],
        ["firsttoken"] = [FirstTokenTimeout],
        ["betweentokens"] = [BetweenTokensTimeout],
        ["read"] = [FirstTokenTimeout, BetweenTokensTimeout],
        ["total"] = [TotalTimeout],
        ["write"] = [],
        ["pool"] = [],
    };

    private readonly string[] _keys;
    private readonly bool _isNumber;

    private LlmSetting(string name, Func<string, object?> parse, string allowed, params string[] keys)
    {
        (Name, Parse, Allowed, _keys) = (name, parse, allowed, keys);
        _isNumber = allowed.Contains("number", StringComparison.Ordinal) || allowed.StartsWith("seconds", StringComparison.Ordinal);
    }

    public string Name { get; }

    /// <summary>The keys it may be written as.</summary>
    public IReadOnlyList<string> Keys => _keys;

    /// <summary>Null for a text that is not <see cref="Allowed"/>.</summary>
    public Func<string, object?> Parse { get; }

    public string Allowed { get; }

    /// <summary>How a value that may contain a secret is shown.</summary>
    public Func<string, string?>? Mask { get; private init; }

    /// <summary>Null for a key that is no setting.</summary>
    public static LlmSetting? Find(string key) => s_byKey.GetValueOrDefault(Fold(key));

    /// <summary>Null for a key that is no part of a timeout.</summary>
    public static LlmSetting[]? FindTimeoutPart(string key) => s_timeoutParts.GetValueOrDefault(Fold(key));

    /// <summary>Whether the value at the end of a path is a number: the setting itself, or a part of a timeout.</summary>
    public static bool IsNumber(string path) => path.Split(':') is [.., var parent, var last] && (Find(last) ?? Find(parent)) is { _isNumber: true };

    /// <summary>
    /// Keys of one group replace each other when one source is laid over another: the spellings of a setting, a timeout as a number and its
    /// parts, the names of an alias.
    /// </summary>
    public static string OverrideGroup(string key) => Find(key)?.Name ?? (LlmModeEntry.IsAlias(key) ? "Alias" : Fold(key));

    private static Dictionary<string, LlmSetting> ByKey()
    {
        var settings = new Dictionary<string, LlmSetting>(StringComparer.Ordinal);
        foreach (LlmSetting setting in All)
        {
            foreach (string key in setting._keys)
            {
                settings.Add(key, setting);
            }
        }

        return settings;
    }

    private static LlmSetting Number(string name, float min, float max, string key) => new(
        name,
        text => float.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out float number) && number >= min && number <= max ? number : null,
        FormattableString.Invariant($"a number from {min} to {max}"),
        key);

    /// <summary>YAML and JSON may write a whole number as 500.0.</summary>
    private static LlmSetting WholeNumber(string name, int max, params string[] keys) => new(
        name,
        text => decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out decimal number) && decimal.IsInteger(number) && number >= 1 && number <= max
            ? (int)number
            : null,
        FormattableString.Invariant($"a whole number from 1 to {max}"),
        keys);

    private static LlmSetting Duration(string name, params string[] keys) => new(name, static text => ParseDuration(text), s_durationAllowed, keys);

    private static TimeSpan? ParseDuration(string text)
    {
        bool isSeconds = double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double seconds);
        TimeSpan span = default;
        bool isDuration = isSeconds ? Math.Abs(seconds) <= s_longestTimeout.TotalSeconds : TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out span);
        span = isDuration && isSeconds ? TimeSpan.FromSeconds(seconds) : span;
        return isDuration && span > TimeSpan.Zero && span <= s_longestTimeout ? span : null;
    }

    private static string? ParseAddress(string text) => WebAddress.Http(text) is null ? null : text;

    private static string Fold(string key) =>
        key.Replace("_", "", StringComparison.Ordinal).Replace("-", "", StringComparison.Ordinal).Trim().ToLowerInvariant();
}
