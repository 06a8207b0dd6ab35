namespace FastGate.Memory.Journal;

/// <summary>What the journal still holds of one device: its turns in order, and whether an erasure is on its way to the store.</summary>
internal sealed class PendingDevice
{
    private JournalEntry? _first;
    private JournalEntry? _last;
    private int _count;

    /// <summary>Erasures not yet carried out; while there is one, whatever the store holds of the device is already forgotten.</summary>
    public int Erasures { get; set; }

    public bool IsEmpty => _count == 0 && Erasures == 0;

    public void Add(JournalEntry entry)
    {
        entry.Overlaid = true;
        if (_last is null)
        {
            _first = entry;
        }
        else
        {
            _last.NextOfDevice = entry;
        }

        _last = entry;
        _count++;
    }

    /// <summary>Takes the oldest away; entries leave in the order they came.</summary>
    public void RemoveFirst()
    {
        JournalEntry first = _first!;
        _first = first.NextOfDevice;
        first.NextOfDevice = null;
        first.Overlaid = false;
        _count--;
        if (_first is null)
        {
            _last = null;
        }
    }

    /// <summary>The last turns, oldest first.</summary>
    public StoredExchange[] Last(int maxTurns)
    {
        int take = Math.Min(Math.Max(maxTurns, 0), _count);
        var turns = new StoredExchange[take];
        int skip = _count - take;
        JournalEntry? entry = _first;
        for (int i = -skip; entry is not null; i++, entry = entry.NextOfDevice)
        {
            if (i >= 0)
            {
                turns[i] = entry.Turn!;
            }
        }

        return turns;
    }

    /// <summary>Forgets all turns; those the writer has not taken yet are never written. Returns the bytes set free.</summary>
    public long Clear()
    {
        long freed = 0;
        while (_first is { } entry)
        {
            RemoveFirst();
            if (!entry.InFlight)
            {
                freed += entry.Bytes;
                entry.Drop();
            }
        }

        return freed;
    }
}
