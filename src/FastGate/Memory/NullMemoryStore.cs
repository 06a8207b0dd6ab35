namespace FastGate.Memory;

/// <summary>Keeps nothing (<c>Memory:Provider=none</c>).</summary>
internal sealed class NullMemoryStore : IMemoryStore
{
    public bool Keeps => false;

    public long LastId => 0;

    public void Open()
    {
    }

    public void Append(IReadOnlyList<StoredExchange> turns)
    {
    }

    public bool SaveSummary(string deviceId, StoredSummary summary, long previousCoversTo) => false;

    public int Erase(string deviceId) => 0;

    public int DeleteOlderThan(DateTimeOffset cutoff, int maxTurns) => 0;

    public DeviceMemory Load(string deviceId, int maxTurns) => DeviceMemory.Empty;

    public MemoryPage ReadAfter(string deviceId, long? afterId, int maxTurns) => MemoryPage.Empty;

    public void Dispose()
    {
    }
}
