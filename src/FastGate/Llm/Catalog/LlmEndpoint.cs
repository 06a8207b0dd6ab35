using FastGate.Llm.Settings;

namespace FastGate.Llm.Catalog;

/// <summary>
/// What instances that ask one model of one server share however their overrides differ: its health. A server may offer many models, those of
/// others among them, and one that is out of order must not take the rest away, least of all the one that stands in for it.
/// </summary>
internal sealed class LlmEndpoint(ProviderConcurrency server)
{
    public CircuitBreaker Breaker { get; } = new();

    public ProviderConcurrency Server { get; } = server;

    public static LlmEndpointKey KeyOf(LlmProviderSettings settings) => new(ProviderConcurrency.KeyOf(settings), settings.Model);
}
