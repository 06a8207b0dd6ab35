namespace FastGate.Llm.Settings;

/// <summary>The parsed values that one place of the configuration sets; the layer below supplies the others.</summary>
internal sealed class LlmSettingLayer(IReadOnlyDictionary<LlmSetting, object> values)
{
    public static LlmSettingLayer Empty { get; } = new(new Dictionary<LlmSetting, object>());

    /// <summary>The type by its one name; <see cref="LlmProviderTypes.None"/> when neither a type nor an address is set.</summary>
    public string Type => LlmProviderTypes.Normalize((string?)this[LlmSetting.Type], (string?)this[LlmSetting.BaseUrl]);

    /// <summary>Null when this layer does not set it.</summary>
    public object? this[LlmSetting setting] => values.GetValueOrDefault(setting);

    public LlmSettingLayer Over(LlmSettingLayer below)
    {
        Dictionary<LlmSetting, object> merged = [];
        foreach (LlmSetting setting in LlmSetting.All)
        {
            if ((this[setting] ?? below[setting]) is { } value)
            {
                merged[setting] = value;
            }
        }

        return new LlmSettingLayer(merged);
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
}
