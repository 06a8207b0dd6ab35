namespace FastGate.Llm.Settings;

/// <summary>
/// The effective settings of a provider: a client is made from them and cached by them. Purposes with equal settings share a client, and a
/// changed value is another cache key.
/// </summary>
internal sealed record LlmProviderSettings
{
    /// <summary>Above the default of <c>Workers:Conversation:Concurrency</c>, which is then the effective limit.</summary>
    public const int DefaultMaxConcurrency = 1_024;

    public required string Type { get; init; }
    public string? BaseUrl { get; init; }
    public string? Model { get; init; }
    public string? ApiKey { get; init; }
    public float? Temperature { get; init; }
    public int? MaxTokens { get; init; }
    public float? TopP { get; init; }
    public float? FrequencyPenalty { get; init; }
    public float? PresencePenalty { get; init; }
    public LlmTimeouts Timeouts { get; init; } = new();
    public int MaxConcurrency { get; init; } = DefaultMaxConcurrency;

    public ProviderConcurrencyKey ConcurrencyKey => new(Type, BaseUrl, ApiKey, MaxConcurrency);

    /// <summary>Never prints the key: settings end up in logs and exception texts.</summary>
    public override string ToString() => $"{Type} {Model ?? "-"} at {LlmSecrets.MaskUrl(BaseUrl) ?? "-"}";
}
