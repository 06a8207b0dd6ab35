namespace FastGate.Memory;

/// <summary>Stores nothing (<c>Memory:Provider=none</c>).</summary>
internal sealed class NullMemoryStore : IMemoryStore
{
    public bool IsEnabled => false;

    public long LastId => 0;

    public void Open()
    {
    }

    public bool Append(IReadOnlyList<StoredExchange> exchanges) => true;

    public bool SaveSummary(string deviceId, StoredSummary summary, long previousCoversTo) => false;

    public int Erase(string deviceId) => 0;

    public int DeleteOlderThan(DateTimeOffset cutoff, int maxExchanges) => 0;

    public DeviceMemory Load(string deviceId, int maxExchanges) => DeviceMemory.Empty;

    public MemoryPage ReadAfter(string deviceId, long? afterId, int maxExchanges) => MemoryPage.Empty;

    public void Dispose()
    {
    }
}
