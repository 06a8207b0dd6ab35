namespace FastGate.Conversation;

/// <summary>Where calls go and as whom.</summary>
internal readonly record struct LlmEndpointKey(string Type, string? BaseUrl, string? ApiKey, string? Model, int MaxConcurrency)
{
    public override string ToString() => $"{Type} {Model}";
}
