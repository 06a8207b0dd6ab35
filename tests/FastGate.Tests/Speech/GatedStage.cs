namespace FastGate.Tests.Speech;

/// <summary>A stage of a turn whose first call does not end before it is cancelled.</summary>
internal sealed class GatedStage(bool isClosed)
{
    private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _calls;
    private int _active;

    /// <summary>Calls so far.</summary>
    public int Calls => Volatile.Read(ref _calls);

    /// <summary>Calls that have not ended: each holds a slot.</summary>
    public int Active => Volatile.Read(ref _active);

    /// <summary>Completes when the first call waits.</summary>
    public Task Reached => _reached.Task.WaitAsync(TimeSpan.FromSeconds(20));

    public async Task PassAsync(CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _active);
        try
        {
            if (Interlocked.Increment(ref _calls) == 1 && isClosed)
            {
                _reached.TrySetResult();
                await Task.Delay(Timeout.Infinite, cancellationToken);
            }
        }
        finally
        {
            Interlocked.Decrement(ref _active);
        }
    }
}
