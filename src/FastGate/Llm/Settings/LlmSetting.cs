namespace FastGate.Llm.Settings;

/// <summary>What a provider entry or an override may set.</summary>
internal enum LlmSetting
{
    Unknown,
    Type,
    BaseUrl,
    Model,
    ApiKey,
    Temperature,
    MaxTokens,
    TopP,
    FrequencyPenalty,
    PresencePenalty,
    Timeout,
    MaxConcurrency,
}
