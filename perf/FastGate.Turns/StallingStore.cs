using FastGate.Memory;

namespace FastGate.Turns;

/// <summary>A store on a disk that can be made to stand still.</summary>
internal sealed class StallingStore(IMemoryStore inner) : IMemoryStore
{
    private readonly ManualResetEventSlim _moves = new(true);

    public bool Keeps => inner.Keeps;

    public long LastId => inner.LastId;

    public void Stall() => _moves.Reset();

    public void Resume() => _moves.Set();

    public void Open() => inner.Open();

    public void Append(IReadOnlyList<StoredExchange> turns)
    {
        _moves.Wait();
        inner.Append(turns);
    }

    public bool SaveSummary(string deviceId, StoredSummary summary, long previousCoversTo) => inner.SaveSummary(deviceId, summary, previousCoversTo);

    public int Erase(string deviceId) => inner.Erase(deviceId);

    public int DeleteOlderThan(DateTimeOffset cutoff, int maxTurns) => inner.DeleteOlderThan(cutoff, maxTurns);

    public DeviceMemory Load(string deviceId, int maxTurns) => inner.Load(deviceId, maxTurns);

    public MemoryPage ReadAfter(string deviceId, long? afterId, int maxTurns) => inner.ReadAfter(deviceId, afterId, maxTurns);

    public void Dispose()
    {
        inner.Dispose();
        _moves.Dispose();
    }
}
