using FastGate.Llm.Settings;

namespace FastGate.Llm.Catalog;

/// <summary>Where calls go and as whom.</summary>
internal readonly record struct ProviderConcurrencyKey(string Type, string? BaseUrl, string? ApiKey, int MaxConcurrency)
{
    /// <summary>Never prints the key.</summary>
    public override string ToString() => $"{Type} at {LlmSecrets.MaskUrl(BaseUrl) ?? "-"}";
}
