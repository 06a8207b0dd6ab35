namespace FastGate.Memory.Journal;

/// <summary>
/// Reads that see pending exchanges as well as stored ones. The journal is read first: an exchange committed between the two reads is in
/// both and is recognized by its id; read in the opposite order it could be missing from both.
/// </summary>
internal static class JournalOverlay
{
    public static DeviceMemory Load(MemoryJournal journal, IMemoryStore store, string deviceId, int maxExchanges)
    {
        (bool erasing, StoredExchange[] pending) = journal.Snapshot(deviceId, maxExchanges);
        DeviceMemory stored = erasing ? DeviceMemory.Empty : store.Load(deviceId, maxExchanges);
        return pending.Length == 0 ? stored : stored with { Exchanges = [.. Merge(stored.Exchanges, pending).TakeLast(maxExchanges)] };
    }

    public static MemoryPage ReadAfter(MemoryJournal journal, IMemoryStore store, string deviceId, long? afterId, int maxExchanges)
    {
        (bool erasing, StoredExchange[] pending) = journal.Snapshot(deviceId, int.MaxValue);
        MemoryPage stored = erasing ? MemoryPage.Empty : store.ReadAfter(deviceId, afterId, maxExchanges);
        long after = afterId ?? stored.Summary?.CoversTo ?? long.MinValue;
        List<StoredExchange> exchanges = Merge(stored.Exchanges, pending.Where(exchange => exchange.Id > after));
        return new MemoryPage(stored.Summary, [.. exchanges.Take(maxExchanges)], stored.More || exchanges.Count > maxExchanges);
    }

    private static List<StoredExchange> Merge(IReadOnlyList<StoredExchange> stored, IEnumerable<StoredExchange> pending) =>
        [.. pending.Concat(stored).DistinctBy(static exchange => exchange.Id).OrderBy(static exchange => exchange.Id)];
}
