namespace FastGate.Conversation;

/// <summary>
/// What instances that ask one model of one server share however their overrides differ: its health. A server may offer many models, those of
/// others among them, and one that is out of order must not take the rest away, least of all the one that stands in for it.
/// </summary>
internal sealed class LlmEndpoint(LlmServer server)
{
    public CircuitBreaker Breaker { get; } = new();

    public LlmServer Server { get; } = server;

    public static LlmEndpointKey KeyOf(LlmProviderSettings settings) => new(LlmServer.KeyOf(settings), settings.Model);
}
