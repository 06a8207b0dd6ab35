namespace FastGate.Llm.Catalog;

/// <summary>
/// Rejects calls to a failed provider. It opens after <see cref="Threshold"/> failures in a row; only a probe closes it, never a user's call.
/// Thread-safe.
/// </summary>
internal sealed class CircuitBreaker
{
    public const int Threshold = 3;

    private int _failures;
    private int _open;

    public bool IsOpen => Volatile.Read(ref _open) != 0;

    public int FailuresInARow => Volatile.Read(ref _failures);

    /// <summary>Reports a successful call. It does not close an open breaker: the call may have begun before the outage.</summary>
    public void Succeeded()
    {
        if (!IsOpen)
        {
            Volatile.Write(ref _failures, 0);
        }
    }

    /// <summary>Reports a failure of the provider. True for the one call that opens the breaker; its caller starts the probe.</summary>
    public bool Failed() =>
        Interlocked.Increment(ref _failures) >= Threshold && Interlocked.CompareExchange(ref _open, 1, 0) == 0;

    public void Close()
    {
        Volatile.Write(ref _failures, 0);
        Volatile.Write(ref _open, 0);
    }
}
