namespace FastGate.Llm.Settings;

/// <summary>The parsed values that one place of the configuration sets; the layer below supplies the others.</summary>
/// <param name="values">The values by setting.</param>
/// <param name="errors">Of the settings whose text cannot be used: why.</param>
/// <param name="placeholders">The settings that hold a template's placeholder.</param>
internal sealed class LlmSettingLayer(
    IReadOnlyDictionary<LlmSetting, object> values,
    IReadOnlyDictionary<LlmSetting, string> errors,
    IReadOnlyDictionary<LlmSetting, LlmPlaceholder> placeholders)
{

    public static LlmSettingLayer Empty { get; } = Of([]);

    public static LlmSettingLayer Echo { get; } = Of(new() { [LlmSetting.Type] = LlmProviderTypes.Echo });

    public IEnumerable<string> Errors => errors.Values;

    public IEnumerable<LlmPlaceholder> Placeholders => placeholders.Values;

    /// <summary>The type by its one name; <see cref="LlmProviderTypes.None"/> when neither a type nor an address is set.</summary>
    public string Type => LlmProviderTypes.Normalize((string?)this[LlmSetting.Type], (string?)this[LlmSetting.BaseUrl]);

    /// <summary>Null when this layer does not set it.</summary>
    public object? this[LlmSetting setting] => values.GetValueOrDefault(setting);

    /// <summary>The placeholder that leaves a setting without a value; null for a setting that has one, or was never written.</summary>
    public LlmPlaceholder? PlaceholderOf(LlmSetting setting) => this[setting] is null ? placeholders.GetValueOrDefault(setting) : null;

    /// <summary>An error below a value of this layer does not matter. A placeholder of this layer lets the layer below supply the value.</summary>
    public LlmSettingLayer Over(LlmSettingLayer below)
    {
        Dictionary<LlmSetting, object> merged = [];
        Dictionary<LlmSetting, string> errorsOfBoth = [];
        Dictionary<LlmSetting, LlmPlaceholder> placeholdersOfBoth = [];
        foreach (LlmSetting setting in LlmSetting.All)
        {
            if ((this[setting] ?? below[setting]) is { } value)
            {
                merged[setting] = value;
            }

            if ((Error(setting) ?? (this[setting] is null ? below.Error(setting) : null)) is { } error)
            {
                errorsOfBoth[setting] = error;
            }

            if ((placeholders.GetValueOrDefault(setting) ?? below.PlaceholderOf(setting)) is { } placeholder)
            {
                placeholdersOfBoth[setting] = placeholder;
            }
        }

        return new LlmSettingLayer(merged, errorsOfBoth, placeholdersOfBoth);
    }

    /// <summary>No other timeout is longer than the total.</summary>
    public LlmProviderSettings ToSettings(LlmTimeouts defaults)
    {
        TimeSpan total = (TimeSpan?)this[LlmSetting.TotalTimeout] ?? defaults.Total;
        return new LlmProviderSettings
        {
            Type = Type,
            BaseUrl = (string?)this[LlmSetting.BaseUrl] ?? LlmProviderTypes.DefaultBaseUrl((string?)this[LlmSetting.Type]),
            Model = (string?)this[LlmSetting.Model] ?? LlmProviderTypes.DefaultModel((string?)this[LlmSetting.Type]),
            ApiKey = (string?)this[LlmSetting.ApiKey],
            Temperature = (float?)this[LlmSetting.Temperature],
            MaxTokens = (int?)this[LlmSetting.MaxTokens],
            TopP = (float?)this[LlmSetting.TopP],
            FrequencyPenalty = (float?)this[LlmSetting.FrequencyPenalty],
            PresencePenalty = (float?)this[LlmSetting.PresencePenalty],
            MaxConcurrency = (int?)this[LlmSetting.MaxConcurrency] ?? LlmProviderSettings.DefaultMaxConcurrency,
            Timeouts = new LlmTimeouts
            {
                Total = total,
                Connect = UpToTotal(LlmSetting.ConnectTimeout, defaults.Connect),
                FirstToken = UpToTotal(LlmSetting.FirstTokenTimeout, defaults.FirstToken),
                BetweenTokens = UpToTotal(LlmSetting.BetweenTokensTimeout, defaults.BetweenTokens),
            },
        };

        TimeSpan UpToTotal(LlmSetting setting, TimeSpan fallback) =>
            ((TimeSpan?)this[setting] ?? fallback) is var timeout && timeout < total ? timeout : total;
    }

    /// <summary>The values by name, with secrets masked.</summary>
    public IReadOnlyDictionary<string, string> Describe() => LlmSetting.All
        .Where(setting => this[setting] is not null)
        .ToDictionary(
            static setting => setting.Name,
            setting => setting.Mask is { } mask ? mask((string)this[setting]!)! : FormattableString.Invariant($"{this[setting]}"),
            StringComparer.Ordinal);

    private static LlmSettingLayer Of(Dictionary<LlmSetting, object> values) =>
        new(values, new Dictionary<LlmSetting, string>(), new Dictionary<LlmSetting, LlmPlaceholder>());

    private string? Error(LlmSetting setting) => errors.GetValueOrDefault(setting);
}
