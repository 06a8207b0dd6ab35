using FastGate.Memory;

namespace FastGate.Testing;

/// <summary>
/// A store in memory whose troubles are chosen by the test: it fails as told, stands still as told, and says when it was tried. Unlike
/// a file it can be looked into at any time.
/// </summary>
internal sealed class FakeMemoryStore : IMemoryStore
{
    private readonly Lock _gate = new();
    private readonly SortedDictionary<long, StoredExchange> _turns = [];
    private readonly Dictionary<string, StoredSummary> _summaries = [];
    private readonly List<int> _commits = [];
    private readonly ManualResetEventSlim _writes = new(true);
    private readonly ManualResetEventSlim _reads = new(true);
    private readonly SemaphoreSlim _attempts = new(0);
    private MemoryFailure? _failure;

    public bool Keeps => true;

    public long LastId { get; set; }

    public bool Disposed { get; private set; }

    /// <summary>How every write ends until told otherwise.</summary>
    public MemoryFailure? Failure
    {
        get
        {
            lock (_gate)
            {
                return _failure;
            }
        }

        set
        {
            lock (_gate)
            {
                _failure = value;
            }
        }
    }

    /// <summary>A turn the store will not take, whatever happens.</summary>
    public Func<StoredExchange, bool> Rejects { get; set; } = static _ => false;

    /// <summary>Everything kept, by id.</summary>
    public IReadOnlyList<StoredExchange> Turns
    {
        get
        {
            lock (_gate)
            {
                return [.. _turns.Values];
            }
        }
    }

    /// <summary>Turns of each transaction.</summary>
    public IReadOnlyList<int> Commits
    {
        get
        {
            lock (_gate)
            {
                return [.. _commits];
            }
        }
    }

    public void BlockWrites() => _writes.Reset();

    public void ReleaseWrites() => _writes.Set();

    public void BlockReads() => _reads.Reset();

    public void ReleaseReads() => _reads.Set();

    /// <summary>Completes when a write has been tried once more.</summary>
    public Task AttemptAsync() => _attempts.WaitAsync();

    public void Open()
    {
    }

    public void Append(IReadOnlyList<StoredExchange> turns) => Write(() =>
    {
        foreach (StoredExchange turn in turns)
        {
            if (Rejects(turn))
            {
                throw new MemoryStoreException(MemoryFailure.Rejected, "not this one");
            }
        }

        _commits.Add(turns.Count);
        foreach (StoredExchange turn in turns)
        {
            _turns[turn.Id] = turn;
        }

        return 0;
    });

    public bool SaveSummary(string deviceId, StoredSummary summary, long previousCoversTo) => Write(() =>
    {
        bool valid = _turns.TryGetValue(summary.CoversTo, out StoredExchange? last) && last.DeviceId == deviceId
            && (_summaries.GetValueOrDefault(deviceId)?.CoversTo ?? 0) == previousCoversTo;
        if (valid)
        {
            _summaries[deviceId] = summary;
        }

        return valid;
    });

    public int Erase(string deviceId) => Write(() =>
    {
        _summaries.Remove(deviceId);
        return RemoveCore([.. _turns.Values.Where(turn => turn.DeviceId == deviceId)]);
    });

    public int DeleteOlderThan(DateTimeOffset cutoff, int maxTurns) =>
        Write(() => RemoveCore([.. _turns.Values.Where(turn => turn.At < cutoff).Take(maxTurns)]));

    public DeviceMemory Load(string deviceId, int maxTurns) => Read(() =>
        new DeviceMemory(_summaries.GetValueOrDefault(deviceId)?.Text, [.. OfDevice(deviceId).TakeLast(maxTurns)]));

    public MemoryPage ReadAfter(string deviceId, long? afterId, int maxTurns) => Read(() =>
    {
        StoredSummary? summary = _summaries.GetValueOrDefault(deviceId);
        long after = afterId ?? summary?.CoversTo ?? long.MinValue;
        StoredExchange[] turns = [.. OfDevice(deviceId).Where(turn => turn.Id > after)];
        return new MemoryPage(summary, [.. turns.Take(maxTurns)], turns.Length > maxTurns);
    });

    public void Dispose() => Disposed = true;

    private IEnumerable<StoredExchange> OfDevice(string deviceId) => _turns.Values.Where(turn => turn.DeviceId == deviceId);

    private int RemoveCore(StoredExchange[] turns)
    {
        foreach (StoredExchange turn in turns)
        {
            _turns.Remove(turn.Id);
        }

        return turns.Length;
    }

    private T Write<T>(Func<T> write)
    {
        _attempts.Release();
        _writes.Wait();
        lock (_gate)
        {
            return _failure is { } failure ? throw new MemoryStoreException(failure, "as the test wishes") : write();
        }
    }

    private T Read<T>(Func<T> read)
    {
        _reads.Wait();
        lock (_gate)
        {
            return read();
        }
    }
}
