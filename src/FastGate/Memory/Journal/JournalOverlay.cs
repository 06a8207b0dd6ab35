namespace FastGate.Memory.Journal;

/// <summary>
/// Reads that see what is accepted as well as what is stored. The journal is looked at first: a turn committed in between is then in
/// both and told apart by its id, whereas the other way round it could be in neither.
/// </summary>
internal static class JournalOverlay
{
    public static DeviceMemory Load(MemoryJournal journal, IMemoryStore store, string deviceId, int maxTurns)
    {
        (bool erasing, StoredExchange[] pending) = journal.Snapshot(deviceId, maxTurns);
        if (erasing)
        {
            return new DeviceMemory(null, pending);
        }

        DeviceMemory stored = store.Load(deviceId, maxTurns);
        if (pending.Length == 0)
        {
            return stored;
        }

        List<StoredExchange> turns = Merge(stored.Turns, pending);
        int surplus = turns.Count - maxTurns;
        if (surplus > 0)
        {
            turns.RemoveRange(0, surplus);
        }

        return new DeviceMemory(stored.Summary, turns);
    }

    public static MemoryPage ReadAfter(MemoryJournal journal, IMemoryStore store, string deviceId, long? afterId, int maxTurns)
    {
        (bool erasing, StoredExchange[] pending) = journal.Snapshot(deviceId, int.MaxValue);
        MemoryPage stored = erasing ? MemoryPage.Empty : store.ReadAfter(deviceId, afterId, maxTurns);
        long after = afterId ?? stored.Summary?.CoversTo ?? long.MinValue;
        StoredExchange[] wanted = Array.FindAll(pending, turn => turn.Id > after);
        if (wanted.Length == 0)
        {
            return stored;
        }

        List<StoredExchange> turns = Merge(stored.Turns, wanted);
        bool more = stored.More || turns.Count > maxTurns;
        if (turns.Count > maxTurns)
        {
            turns.RemoveRange(maxTurns, turns.Count - maxTurns);
        }

        return new MemoryPage(stored.Summary, turns, more);
    }

    private static List<StoredExchange> Merge(IReadOnlyList<StoredExchange> stored, StoredExchange[] pending)
    {
        var turns = new List<StoredExchange>(stored.Count + pending.Length);
        var seen = new HashSet<long>();
        foreach (StoredExchange turn in pending)
        {
            seen.Add(turn.Id);
        }

        foreach (StoredExchange turn in stored)
        {
            if (!seen.Contains(turn.Id))
            {
                turns.Add(turn);
            }
        }

        turns.AddRange(pending);
        turns.Sort(static (left, right) => left.Id.CompareTo(right.Id));
        return turns;
    }
}
