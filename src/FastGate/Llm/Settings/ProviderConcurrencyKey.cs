namespace FastGate.Llm.Settings;

/// <summary>Calls with an equal key share one limit of concurrent calls: the same server, asked with the same key.</summary>
internal readonly record struct ProviderConcurrencyKey(string Type, string? BaseUrl, string? ApiKey, int MaxConcurrency)
{
    /// <summary>Never prints the key.</summary>
    public override string ToString() => $"{Type} at {LlmSecrets.MaskUrl(BaseUrl) ?? "-"}";
}
