using System.Collections.Concurrent;

namespace FastGate.Memory;

/// <summary>
/// The thread that reads from the store, so that neither a connection's loop nor the writer ever waits for a read. Its queue is
/// bounded; beyond the bound a read is refused and its asker goes on with what the journal knows.
/// </summary>
internal sealed class StoreReaderThread : IDisposable
{
    private readonly IMemoryStore _store;
    private readonly BlockingCollection<StoreRead> _queue;
    private readonly Thread _thread;

    public StoreReaderThread(IMemoryStore store, int capacity)
    {
        _store = store;
        _queue = new BlockingCollection<StoreRead>(capacity);
        _thread = new Thread(Run) { Name = "fastgate-memory-read", IsBackground = true };
    }

    public int Waiting => _queue.Count;

    public void Start() => _thread.Start();

    public bool TryAdd(StoreRead read)
    {
        try
        {
            return _queue.TryAdd(read);
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }

    /// <summary>Ends after the read in hand; what still waits is refused.</summary>
    public bool Stop(TimeSpan wait)
    {
        _queue.CompleteAdding();
        while (_queue.TryTake(out StoreRead? read))
        {
            read.Refuse();
        }

        return !_thread.IsAlive || _thread.Join(wait);
    }

    public void Dispose() => _queue.Dispose();

    private void Run()
    {
        foreach (StoreRead read in _queue.GetConsumingEnumerable())
        {
            read.Run(_store);
        }
    }
}
