using FastGate.Memory;

namespace FastGate.Testing;

/// <summary>
/// A memory store in RAM. The test makes it fail or block, waits until it is called, and inspects its content at any time.
/// </summary>
internal sealed class FakeMemoryStore : IMemoryStore
{
    private readonly Lock _gate = new();
    private readonly SortedDictionary<long, StoredExchange> _exchanges = [];
    private readonly Dictionary<string, StoredSummary> _summaries = [];
    private readonly List<int> _commits = [];
    private readonly List<string> _erasedElsewhere = [];
    private readonly ManualResetEventSlim _writes = new(true);
    private readonly ManualResetEventSlim _reads = new(true);
    private readonly SemaphoreSlim _attempts = new(0);
    private MemoryFailure? _failure;

    public bool IsEnabled => true;

    public long LastId { get; set; }

    public bool Disposed { get; private set; }

    /// <summary>When set, every write fails with it.</summary>
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

    /// <summary>Exchanges that the store refuses permanently.</summary>
    public Func<StoredExchange, bool> Rejects { get; set; } = static _ => false;

    /// <summary>Everything stored, by id.</summary>
    public IReadOnlyList<StoredExchange> Exchanges
    {
        get
        {
            lock (_gate)
            {
                return [.. _exchanges.Values];
            }
        }
    }

    /// <summary>Exchanges of each transaction.</summary>
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

    /// <summary>Completes when another write is attempted.</summary>
    public Task AttemptAsync() => _attempts.WaitAsync();

    public void Open()
    {
    }

    /// <summary>Erases a device as another server does: the next append is refused until the erasure was taken.</summary>
    public void EraseElsewhere(string deviceId)
    {
        lock (_gate)
        {
            _erasedElsewhere.Add(deviceId);
            RemoveCore([.. OfDevice(deviceId)]);
            _summaries.Remove(deviceId);
        }
    }

    public IReadOnlyList<string> TakeErased()
    {
        lock (_gate)
        {
            string[] erased = [.. _erasedElsewhere];
            _erasedElsewhere.Clear();
            return erased;
        }
    }

    public bool Append(IReadOnlyList<StoredExchange> exchanges) => Write(() =>
    {
        if (_erasedElsewhere.Count > 0)
        {
            return false;
        }

        foreach (StoredExchange exchange in exchanges)
        {
            if (Rejects(exchange))
            {
                throw new MemoryStoreException(MemoryFailure.Rejected, "rejected by the test");
            }
        }

        _commits.Add(exchanges.Count);
        foreach (StoredExchange exchange in exchanges)
        {
            _exchanges[exchange.Id] = exchange;
        }

        return true;
    });

    public bool SaveSummary(string deviceId, StoredSummary summary, long previousCoversTo) => Write(() =>
    {
        bool valid = _exchanges.TryGetValue(summary.CoversTo, out StoredExchange? last) && last.DeviceId == deviceId
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
        return RemoveCore([.. _exchanges.Values.Where(exchange => exchange.DeviceId == deviceId)]);
    });

    public int DeleteOlderThan(DateTimeOffset cutoff, int maxExchanges) =>
        Write(() => RemoveCore([.. _exchanges.Values.Where(exchange => exchange.At < cutoff).Take(maxExchanges)]));

    public DeviceMemory Load(string deviceId, int maxExchanges) => Read(() =>
        new DeviceMemory(_summaries.GetValueOrDefault(deviceId)?.Text, [.. OfDevice(deviceId).TakeLast(maxExchanges)]));

    public MemoryPage ReadAfter(string deviceId, long? afterId, int maxExchanges) => Read(() =>
    {
        StoredSummary? summary = _summaries.GetValueOrDefault(deviceId);
        long after = afterId ?? summary?.CoversTo ?? long.MinValue;
        StoredExchange[] exchanges = [.. OfDevice(deviceId).Where(exchange => exchange.Id > after)];
        return new MemoryPage(summary, [.. exchanges.Take(maxExchanges)], exchanges.Length > maxExchanges);
    });

    public void Dispose() => Disposed = true;

    private IEnumerable<StoredExchange> OfDevice(string deviceId) => _exchanges.Values.Where(exchange => exchange.DeviceId == deviceId);

    private int RemoveCore(StoredExchange[] exchanges)
    {
        foreach (StoredExchange exchange in exchanges)
        {
            _exchanges.Remove(exchange.Id);
        }

        return exchanges.Length;
    }

    private T Write<T>(Func<T> write)
    {
        _attempts.Release();
        _writes.Wait();
        lock (_gate)
        {
            return _failure is { } failure ? throw new MemoryStoreException(failure, "set by the test") : write();
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
