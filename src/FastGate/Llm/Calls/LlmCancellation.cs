namespace FastGate.Llm.Calls;

/// <summary>
/// The wish to end a call, apart from the act. <see cref="Request"/> is one store and may be called from a connection's loop;
/// <see cref="Fire"/> runs whatever hangs on the call's token, closing sockets among it, and belongs to a worker.
/// </summary>
internal sealed class LlmCancellation
{
    private CancellationTokenSource? _current;
    private int _requested;

    public bool IsRequested => Volatile.Read(ref _requested) != 0;

    public void Request() => Interlocked.Exchange(ref _requested, 1);

    /// <summary>Cancels the attempt in progress, if any; one that begins later sees the wish by itself.</summary>
    public void Fire()
    {
        Request();
        try
        {
            Volatile.Read(ref _current)?.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // The attempt ended by itself at this very moment.
        }
    }

    /// <summary>Makes an attempt the one to be cancelled. Both sides write, then read: one of them sees the other.</summary>
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
