namespace FastGate.Memory;

/// <summary>
/// Stores exchanges and summaries. Synchronous, because only the memory's two threads call it: <see cref="Open"/>, the writes and
/// <see cref="IDisposable.Dispose"/> on the writer thread, the reads on the reader thread, at the same time. A failure throws a
/// <see cref="MemoryStoreException"/>; afterwards every call may be repeated.
/// </summary>
internal interface IMemoryStore : IDisposable
{
    /// <summary>False for a store that stores nothing; it is never called.</summary>
    bool IsEnabled { get; }

    /// <summary>The greatest exchange id found by <see cref="Open"/>; 0 when the store was empty.</summary>
    long LastId { get; }

    /// <summary>Opens the store, or repairs it after a failure; does nothing when it is open and healthy.</summary>
    void Open();

    /// <summary>
    /// How often <see cref="Open"/> is to be called without other work, to learn what other servers have erased; infinite for a store of one server.
    /// </summary>
    TimeSpan CheckInterval => Timeout.InfiniteTimeSpan;

    /// <summary>
    /// Stores all exchanges or none. Idempotent: an exchange whose id is already stored is stored once. False, and nothing is stored, when other
    /// servers have erased devices, which <see cref="TakeErased"/> returns.
    /// </summary>
    bool Append(IReadOnlyList<StoredExchange> exchanges);

    /// <summary>The devices that other servers have erased since the last call, as found by <see cref="Open"/> and <see cref="Append"/>.</summary>
    IReadOnlyList<string> TakeErased() => [];

    /// <summary>
    /// Replaces the summary if the one it was made from (<paramref name="previousCoversTo"/>, 0 for none) and the last exchange that it
    /// covers are still stored. A summary made while its device is erased must never restore erased content.
    /// </summary>
    bool SaveSummary(string deviceId, StoredSummary summary, long previousCoversTo);

    /// <summary>Deletes the exchanges and the summary of a device; returns the number of exchanges.</summary>
    int Erase(string deviceId);

    /// <summary>
    /// Deletes at most <paramref name="maxExchanges"/> exchanges from before the cutoff, then the summaries not renewed since; returns the
    /// number of exchanges.
    /// </summary>
    int DeleteOlderThan(DateTimeOffset cutoff, int maxExchanges);

    /// <summary>The summary and the last exchanges of a device, oldest first.</summary>
    DeviceMemory Load(string deviceId, int maxExchanges);

    /// <summary>The summary and the exchanges with ids above <paramref name="afterId"/> (null: above those the summary covers), oldest first.</summary>
    MemoryPage ReadAfter(string deviceId, long? afterId, int maxExchanges);
}
