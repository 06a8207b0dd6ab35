namespace FastGate.Conversation;

/// <summary>
/// What instances of one provider share however their overrides differ: its health, and how many calls it bears at once.
/// </summary>
/// <remarks>Calls nobody waits for take no more than a quarter of the slots, so that a crowd leaving cannot take the provider away from those who talk.</remarks>
internal sealed class LlmEndpoint(int maxConcurrency)
{
    private const int BackgroundShare = 4;

    public CircuitBreaker Breaker { get; } = new();

    /// <summary>Never disposed: it holds nothing but memory, and a late release must not throw.</summary>
    public SemaphoreSlim Slots { get; } = new(maxConcurrency, maxConcurrency);

    /// <summary>Held beside a slot by a call in the background.</summary>
    public SemaphoreSlim BackgroundSlots { get; } = new(Math.Max(1, maxConcurrency / BackgroundShare), Math.Max(1, maxConcurrency / BackgroundShare));

    public int MaxConcurrency { get; } = maxConcurrency;

    public static LlmEndpointKey KeyOf(LlmProviderSettings settings) => new(settings.Type, settings.BaseUrl, settings.ApiKey, settings.Model, settings.MaxConcurrency);
}
