namespace FastGate.Llm.Catalog;

/// <summary>
/// One model of one server. Clients of the same model share its breaker, whatever their overrides; each model has its own breaker, so that a
/// failing model does not block the others of its server.
/// </summary>
internal sealed class LlmEndpoint(ProviderConcurrency server)
{
    public CircuitBreaker Breaker { get; } = new();

    /// <summary>
    /// The model's replies begin in thought, without a start tag, as far as the last reply showed. Any call sets it; the last write wins.
    /// </summary>
    public bool StartsInThought { get; set; }

    public ProviderConcurrency Server { get; } = server;
}
