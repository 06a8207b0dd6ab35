namespace FastGate.Memory;

/// <summary>
/// Where memory is kept. Synchronous on purpose: it is only ever called from the memory room's two threads, never from a
/// connection's loop. <see cref="Open"/>, the writes and <see cref="IDisposable.Dispose"/> belong to the writer's thread, the reads to the
/// reader's; the two run side by side. Trouble is told by <see cref="MemoryStoreException"/>, after which every call may be tried again.
/// </summary>
internal interface IMemoryStore : IDisposable
{
    /// <summary>False when nothing is kept at all, so that nobody needs to queue anything.</summary>
    bool Keeps { get; }

    /// <summary>The greatest turn id found when the store was opened; 0 when it was empty.</summary>
    long LastId { get; }

    /// <summary>Opens the store, or heals it after a failure; does nothing when it is open and sound.</summary>
    void Open();

    /// <summary>Keeps all of the turns or none. A turn that is already kept under its id is kept once: appending again is harmless.</summary>
    void Append(IReadOnlyList<StoredExchange> turns);

    /// <summary>
    /// Replaces the summary, but only when the one it was made from is still in force (<paramref name="previousCoversTo"/>, 0 for none) and the
    /// last turn it covers is still kept. A summary made while its device was erased must never bring the erased back.
    /// </summary>
    bool SaveSummary(string deviceId, StoredSummary summary, long previousCoversTo);

    /// <summary>Forgets turns and summary of a device; returns how many turns there were.</summary>
    int Erase(string deviceId);

    /// <summary>Erases at most <paramref name="maxTurns"/> turns of before the cutoff, and summaries not renewed since; returns how many turns went.</summary>
    int DeleteOlderThan(DateTimeOffset cutoff, int maxTurns);

    /// <summary>The summary and the last turns of a device, oldest first.</summary>
    DeviceMemory Load(string deviceId, int maxTurns);

    /// <summary>The summary and the turns with greater ids than <paramref name="afterId"/> (null: than the summary covers), oldest first.</summary>
    MemoryPage ReadAfter(string deviceId, long? afterId, int maxTurns);
}
