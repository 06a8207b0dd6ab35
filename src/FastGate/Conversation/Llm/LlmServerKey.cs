namespace FastGate.Conversation;

/// <summary>Where calls go and as whom.</summary>
internal readonly record struct LlmServerKey(string Type, string? BaseUrl, string? ApiKey, int MaxConcurrency)
{
    /// <summary>Never prints the key.</summary>
    public override string ToString() => $"{Type} at {LlmSecrets.MaskUrl(BaseUrl) ?? "-"}";
}
