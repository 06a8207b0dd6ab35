namespace FastGate.Llm.Catalog;

/// <summary>
/// A lease on the instance that answers for a purpose. Disposed when the call is over, once. Without an instance nothing could be
/// made from the configuration, not even the default: the call fails, the device hears the error line.
/// </summary>
internal sealed class ResolvedLlm(string purpose, string alias, string why, LlmInstance? instance) : IDisposable
{
    private LlmInstance? _leased = instance;

    public string Purpose { get; } = purpose;

    /// <summary>Alias of the provider that really answers.</summary>
    public string Alias { get; } = alias;

    public string Why { get; } = why;

    public LlmInstance? Instance { get; } = instance;

    public void Dispose() => Interlocked.Exchange(ref _leased, null)?.Release();
}
