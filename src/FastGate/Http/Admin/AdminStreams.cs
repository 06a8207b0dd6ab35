namespace FastGate.Http.Admin;

/// <summary>
/// Ends answers that never end by themselves before the listener is paused: a restart waits for the requests in progress. The clients connect again.
/// </summary>
internal sealed class AdminStreams : IDisposable
{
    private CancellationTokenSource _end = new();

    /// <summary>Cancelled by the next <see cref="EndAll"/>. Any thread.</summary>
    public CancellationToken Token => Volatile.Read(ref _end).Token;

    /// <summary>Ends the present streams; later ones are not affected.</summary>
    public void EndAll()
    {
        // Not disposed: a stream may read its token now.
        CancellationTokenSource ended = Interlocked.Exchange(ref _end, new CancellationTokenSource());
        ended.Cancel();
    }

    public void Dispose() => EndAll();
}
