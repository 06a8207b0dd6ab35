namespace FastGate.Llm.Catalog;

/// <summary>
/// Spares a dead provider its callers, and its callers the wait. Opens after <see cref="Threshold"/> failures in a row; while open
/// every call is refused at once. It is never a user's turn that finds out whether the provider is back: a probe of our own does,
/// and closes it. Any thread may call.
/// </summary>
internal sealed class CircuitBreaker
{
    public const int Threshold = 3;

    private int _failures;
    private int _open;

    public bool IsOpen => Volatile.Read(ref _open) != 0;

    public int FailuresInARow => Volatile.Read(ref _failures);

    /// <summary>A call ended well. A call begun before the outage says nothing of the provider's present: it does not close the breaker.</summary>
    public void Succeeded()
    {
        if (!IsOpen)
        {
            Volatile.Write(ref _failures, 0);
        }
    }

    /// <summary>A call failed by the provider's doing. True for exactly the one that opened the breaker: its caller starts the probe.</summary>
    public bool Failed() =>
        Interlocked.Increment(ref _failures) >= Threshold && Interlocked.CompareExchange(ref _open, 1, 0) == 0;

    public void Close()
    {
        Volatile.Write(ref _failures, 0);
        Volatile.Write(ref _open, 0);
    }
}
