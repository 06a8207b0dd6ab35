using System.Collections.Concurrent;

namespace FastGate.Memory.Journal;

/// <summary>The thread that reads from the store, so that neither an event loop nor the writer waits for a read. Its queue is bounded.</summary>
internal sealed class StoreReaderThread : IDisposable
{
    private readonly IMemoryStore _store;
    private readonly BlockingCollection<Action<IMemoryStore?>> _queue;
    private readonly Thread _thread;

    public StoreReaderThread(IMemoryStore store, int capacity)
    {
        _store = store;
        _queue = new BlockingCollection<Action<IMemoryStore?>>(capacity);
        _thread = new Thread(Run) { Name = "fastgate-memory-read", IsBackground = true };
    }

    public int Waiting => _queue.Count;

    public void Start() => _thread.Start();

    /// <summary>
    /// Queues a read; null when the queue is full or the thread has stopped. A read whose caller has given up by timeout or cancellation
    /// before its turn is skipped.
    /// </summary>
    public Task<T>? TryReadAsync<T>(Func<IMemoryStore, T> read, TimeSpan timeout, CancellationToken cancellationToken)
    {
        // Continuations must not run on the reader thread.
        var source = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        bool abandoned = false;
        return TryAdd(Execute) ? WaitAsync() : null;

        void Execute(IMemoryStore? store)
        {
            try
            {
                if (!Volatile.Read(ref abandoned))
                {
                    source.TrySetResult(read(store ?? throw new MemoryStoreException(MemoryFailure.CannotOpen, "the memory has stopped")));
                }
            }
            catch (Exception exception)
            {
                source.TrySetException(exception);

                // The caller may have given up; the exception must count as observed anyway.
                _ = source.Task.Exception;
            }
        }

        async Task<T> WaitAsync()
        {
            try
            {
                return await source.Task.WaitAsync(timeout, cancellationToken);
            }
            finally
            {
                Volatile.Write(ref abandoned, true);
            }
        }
    }

    /// <summary>Stops after the read in progress and fails the waiting ones. Returns false when that read does not end in time.</summary>
    public bool Stop(TimeSpan timeout)
    {
        _queue.CompleteAdding();
        while (_queue.TryTake(out Action<IMemoryStore?>? read))
        {
            read(null);
        }

        return !_thread.IsAlive || _thread.Join(timeout);
    }

    public void Dispose() => _queue.Dispose();

    private bool TryAdd(Action<IMemoryStore?> read)
    {
        try
        {
            return _queue.TryAdd(read);
        }
        catch (InvalidOperationException)
        {
            // Stopped.
            return false;
        }
    }

    private void Run()
    {
        foreach (Action<IMemoryStore?> read in _queue.GetConsumingEnumerable())
        {
            read(_store);
        }
    }
}
