namespace FastGate.Llm.Calls;

/// <summary>
/// Cancels a call in two steps. <see cref="Request"/> is one store and may be called from a connection's loop. <see cref="Fire"/> runs the
/// callbacks of the call's token, which close sockets, and must be called from a worker.
/// </summary>
internal sealed class LlmCancellation
{
    private CancellationTokenSource? _current;
    private int _requested;

    public bool IsRequested => Volatile.Read(ref _requested) != 0;

    public void Request() => Interlocked.Exchange(ref _requested, 1);

    /// <summary>Cancels the current attempt, if any; a later attempt is cancelled by <see cref="Attach"/>.</summary>
    public void Fire()
    {
        Request();
        try
        {
            Volatile.Read(ref _current)?.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // The attempt has just ended.
        }
    }

    /// <summary>Sets the current attempt. Both sides write before they read, so at least one of them cancels it.</summary>
    public void Attach(CancellationTokenSource attempt)
    {
        Interlocked.Exchange(ref _current, attempt);
        if (IsRequested)
        {
            attempt.Cancel();
        }
    }

    public void Detach() => Interlocked.Exchange(ref _current, null);
}
