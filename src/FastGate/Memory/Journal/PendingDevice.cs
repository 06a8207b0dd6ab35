namespace FastGate.Memory.Journal;

/// <summary>What the journal holds of one device: its pending exchanges, oldest first, and the erasures on their way to the store.</summary>
internal sealed class PendingDevice
{
    private readonly Queue<JournalEntry> _exchanges = new();

    /// <summary>While there is one, the content of the store counts as erased.</summary>
    public int Erasures { get; set; }

    public bool IsEmpty => _exchanges.Count == 0 && Erasures == 0;

    public void Add(JournalEntry entry) => _exchanges.Enqueue(entry);

    /// <summary>Removes a settled entry, unless an erasure has. Entries are settled in the order they were added.</summary>
    public void Remove(JournalEntry entry)
    {
        if (_exchanges.TryPeek(out JournalEntry? first) && first == entry)
        {
            _exchanges.Dequeue();
        }
    }

    /// <summary>The last exchanges, oldest first.</summary>
    public StoredExchange[] Last(int maxExchanges) => [.. _exchanges.TakeLast(maxExchanges).Select(static entry => entry.Exchange!)];

    /// <summary>Removes all exchanges; those the writer has not taken are never written. Returns the bytes released and the number never written.</summary>
    public (long Bytes, int Dropped) Clear()
    {
        long released = 0;
        int dropped = 0;
        while (_exchanges.TryDequeue(out JournalEntry? entry))
        {
            if (!entry.InFlight)
            {
                released += entry.Bytes;
                entry.Drop();
                dropped++;
            }
        }

        return (released, dropped);
    }
}
