
namespace FastGate.Llm.Settings;

/// <summary>
/// A provider with everything laid over it: what an instance is made from and cached by. Two purposes whose settings are
/// equal share one instance; a changed value is another key, so an old instance can never answer for it.
/// </summary>
internal sealed record LlmProviderSettings
{
    /// <summary>Above the workers' own default, which then is the bound; an operator who raises that one finds this one next.</summary>
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
