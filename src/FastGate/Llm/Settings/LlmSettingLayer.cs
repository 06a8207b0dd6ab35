
namespace FastGate.Llm.Settings;

/// <summary>The values one place of the configuration sets; what it does not set is left to the layer below.</summary>
internal sealed record LlmSettingLayer
{
    public static LlmSettingLayer Empty { get; } = new();

    public string? Type { get; init; }
    public string? BaseUrl { get; init; }
    public string? Model { get; init; }
    public string? ApiKey { get; init; }
    public float? Temperature { get; init; }
    public int? MaxTokens { get; init; }
    public float? TopP { get; init; }
    public float? FrequencyPenalty { get; init; }
    public float? PresencePenalty { get; init; }
    public int? MaxConcurrency { get; init; }
    public TimeSpan? Connect { get; init; }
    public TimeSpan? FirstToken { get; init; }
    public TimeSpan? BetweenTokens { get; init; }
    public TimeSpan? Total { get; init; }

    /// <summary>This layer, and below it <paramref name="below"/>, and below that the defaults.</summary>
    public LlmProviderSettings Over(LlmSettingLayer below, LlmTimeouts defaults)
    {
        TimeSpan total = Total ?? below.Total ?? defaults.Total;
        return new LlmProviderSettings
        {
            Type = LlmProviderTypes.Normalize(Type ?? below.Type, BaseUrl ?? below.BaseUrl),
            BaseUrl = BaseUrl ?? below.BaseUrl,
            Model = Model ?? below.Model,
            ApiKey = ApiKey ?? below.ApiKey,
            Temperature = Temperature ?? below.Temperature,
            MaxTokens = MaxTokens ?? below.MaxTokens,
            TopP = TopP ?? below.TopP,
            FrequencyPenalty = FrequencyPenalty ?? below.FrequencyPenalty,
            PresencePenalty = PresencePenalty ?? below.PresencePenalty,
            MaxConcurrency = MaxConcurrency ?? below.MaxConcurrency ?? LlmProviderSettings.DefaultMaxConcurrency,
            Timeouts = new LlmTimeouts
            {
                Total = total,
                Connect = Min(Connect ?? below.Connect ?? defaults.Connect, total),
                FirstToken = Min(FirstToken ?? below.FirstToken ?? defaults.FirstToken, total),
                BetweenTokens = Min(BetweenTokens ?? below.BetweenTokens ?? defaults.BetweenTokens, total),
            },
        };
    }

    /// <summary>What is set, by name and readable; a key is masked.</summary>
    public IReadOnlyDictionary<string, string> Describe()
    {
        var set = new Dictionary<string, string>(StringComparer.Ordinal);
        Add(nameof(Type), Type);
        Add(nameof(BaseUrl), LlmSecrets.MaskUrl(BaseUrl));
        Add(nameof(Model), Model);
        Add(nameof(ApiKey), LlmSecrets.Mask(ApiKey));
        Add(nameof(Temperature), Temperature);
        Add(nameof(MaxTokens), MaxTokens);
        Add(nameof(TopP), TopP);
        Add(nameof(FrequencyPenalty), FrequencyPenalty);
        Add(nameof(PresencePenalty), PresencePenalty);
        Add(nameof(MaxConcurrency), MaxConcurrency);
        Add("Timeout:Connect", Connect);
        Add("Timeout:FirstToken", FirstToken);
        Add("Timeout:BetweenTokens", BetweenTokens);
        Add("Timeout:Total", Total);
        return set;

        void Add(string name, object? value)
        {
            if (value is not null)
            {
                set[name] = FormattableString.Invariant($"{value}");
            }
        }
    }

    private static TimeSpan Min(TimeSpan a, TimeSpan b) => a < b ? a : b;
}
