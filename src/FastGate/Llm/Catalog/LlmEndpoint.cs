namespace FastGate.Llm.Catalog;

/// <summary>
/// One model of one server. Clients of the same model share its breaker, whatever their overrides; each model has its own breaker, so that a
/// failing model does not block the others of its server.
/// </summary>
internal sealed class LlmEndpoint(ProviderConcurrency server)
{
    public CircuitBreaker Breaker { get; } = new();

    public ProviderConcurrency Server { get; } = server;
}
