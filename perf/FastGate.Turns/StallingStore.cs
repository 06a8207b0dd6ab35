using FastGate.Memory;

namespace FastGate.Turns;

/// <summary>A store on a disk that can be stalled.</summary>
internal sealed class StallingStore(IMemoryStore inner) : IMemoryStore
{
    private readonly ManualResetEventSlim _moves = new(true);

    public bool IsEnabled => inner.IsEnabled;

    public long LastId => inner.LastId;

    public void Stall() => _moves.Reset();

    public void Resume() => _moves.Set();

    public void Open() => inner.Open();

    public TimeSpan CheckInterval => inner.CheckInterval;

    public bool Append(IReadOnlyList<StoredExchange> exchanges)
    {
        _moves.Wait();
        return inner.Append(exchanges);
    }

    public IReadOnlyList<string> TakeErased() => inner.TakeErased();

    public bool SaveSummary(string deviceId, StoredSummary summary, long previousCoversTo) => inner.SaveSummary(deviceId, summary, previousCoversTo);

    public int Erase(string deviceId) => inner.Erase(deviceId);

    public int DeleteOlderThan(DateTimeOffset cutoff, int maxExchanges) => inner.DeleteOlderThan(cutoff, maxExchanges);

    public DeviceMemory Load(string deviceId, int maxExchanges) => inner.Load(deviceId, maxExchanges);

    public MemoryPage ReadAfter(string deviceId, long? afterId, int maxExchanges) => inner.ReadAfter(deviceId, afterId, maxExchanges);

    public void Dispose()
    {
        inner.Dispose();
        _moves.Dispose();
    }
}
