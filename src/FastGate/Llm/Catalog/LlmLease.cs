namespace FastGate.Llm.Catalog;

/// <summary>
/// The right to call the provider of a purpose; the holder disposes it when the call has ended. <see cref="Instance"/> is null when no client
/// could be created, not even the default one: the call then fails and the device gets the error line.
/// </summary>
internal sealed class LlmLease(string purpose, string alias, string why, LlmInstance? instance) : IDisposable
{
    private LlmInstance? _leased = instance;

    public string Purpose { get; } = purpose;

    /// <summary>Alias of the provider that answers, after any fallback.</summary>
    public string Alias { get; } = alias;

    public string Why { get; } = why;

    public LlmInstance? Instance { get; } = instance;

    public void Dispose() => Interlocked.Exchange(ref _leased, null)?.Release();
}
