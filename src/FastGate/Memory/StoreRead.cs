namespace FastGate.Memory;

/// <summary>A read waiting for the reader thread.</summary>
internal abstract class StoreRead
{
    /// <summary>Carries the read out; never throws.</summary>
    public abstract void Run(IMemoryStore store);

    /// <summary>The reader has stopped.</summary>
    public abstract void Refuse();
}

/// <summary>A read with its result. Nobody waiting any more means it is not carried out.</summary>
internal sealed class StoreRead<T>(Func<IMemoryStore, T> read) : StoreRead
{
    // Continuations must not run on the reader thread.
    private readonly TaskCompletionSource<T> _source = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _abandoned;

    public Task<T> Task => _source.Task;

    public void Abandon() => Volatile.Write(ref _abandoned, 1);

    public override void Run(IMemoryStore store)
    {
        if (Volatile.Read(ref _abandoned) != 0)
        {
            return;
        }

        try
        {
            _source.TrySetResult(read(store));
        }
        catch (Exception exception)
        {
            _source.TrySetException(exception);

            // The asker may have left; the failure is observed all the same.
            _ = _source.Task.Exception;
        }
    }

    public override void Refuse() =>
        _source.TrySetException(new MemoryStoreException(MemoryFailure.CannotOpen, "memory has stopped"));
}
