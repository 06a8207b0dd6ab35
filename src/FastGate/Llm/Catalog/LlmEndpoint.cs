namespace FastGate.Llm.Catalog;

/// <summary>
/// One model of one server. Clients of the same model share its breaker, whatever their overrides; each model has its own breaker, so that a
/// failing model does not block the others of its server.
/// </summary>
internal sealed class LlmEndpoint(ProviderConcurrency server)
{
    // Timestamp of the last refusal; 0 is none. Any call sets it.
    private long _toolsRefusedAt;

    public CircuitBreaker Breaker { get; } = new();

    /// <summary>
    /// The model's replies begin in thought, without a start tag, as far as the last reply showed. Any call sets it; the last write wins.
    /// </summary>
    public bool StartsInThought { get; set; }

    public ProviderConcurrency Server { get; } = server;

    /// <summary>Whether the server has lately refused requests with tools.</summary>
    public bool RefusesTools(TimeProvider time, TimeSpan remembered) =>
        Volatile.Read(ref _toolsRefusedAt) is not 0 and var refusedAt && time.GetElapsedTime(refusedAt) < remembered;

    public void RefuseTools(TimeProvider time) => Volatile.Write(ref _toolsRefusedAt, Math.Max(1, time.GetTimestamp()));
}
