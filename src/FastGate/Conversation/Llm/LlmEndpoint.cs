namespace FastGate.Conversation;

/// <summary>
/// What instances of one provider share however their overrides differ: its health, and how many calls it bears at once.
/// </summary>
internal sealed class LlmEndpoint(int maxConcurrency)
{
    public CircuitBreaker Breaker { get; } = new();

    /// <summary>Never disposed: it holds nothing but memory, and a late release must not throw.</summary>
    public SemaphoreSlim Slots { get; } = new(maxConcurrency, maxConcurrency);

    public int MaxConcurrency { get; } = maxConcurrency;

    public static LlmEndpointKey KeyOf(LlmProviderSettings settings) => new(settings.Type, settings.BaseUrl, settings.ApiKey, settings.Model, settings.MaxConcurrency);
}
