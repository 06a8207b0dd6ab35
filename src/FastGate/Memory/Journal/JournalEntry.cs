namespace FastGate.Memory.Journal;

/// <summary>What a journal entry asks of the store.</summary>
internal enum JournalEntryKind
{
    Exchange,
    Summary,
    Erasure,
}

/// <summary>An entry waiting to become durable. <see cref="MemoryJournal"/> owns its mutable state and changes it under its lock.</summary>
internal sealed class JournalEntry(JournalEntryKind kind, string deviceId, int bytes)
{
    // The entry and the objects around it.
    private const int Overhead = 320;

    public JournalEntryKind Kind { get; } = kind;

    public string DeviceId { get; } = deviceId;

    /// <summary>Estimated memory: UTF-16 text and the objects around it.</summary>
    public int Bytes { get; private set; } = bytes;

    /// <summary>The exchange to append; null when an erasure dropped it before the writer took it.</summary>
    public StoredExchange? Exchange { get; private set; }

    public StoredSummary? Summary { get; private init; }

    public long PreviousCoversTo { get; private init; }

    /// <summary>The number of erasures when the turn began (<see cref="ErasureLog"/>).</summary>
    public long Erasures { get; private init; }

    /// <summary>A timestamp of the journal's clock.</summary>
    public long AcceptedAt { get; set; }

    /// <summary>The writer has taken it; its exchange can no longer be dropped.</summary>
    public bool InFlight { get; set; }

    /// <summary>Of an erasure: exchanges that were accepted before it and are never written.</summary>
    public int Dropped { get; set; }

    /// <summary>Completes with <see cref="Result"/> when the entry is settled; null while no caller waits for it.</summary>
    public TaskCompletionSource<int>? Done { get; private set; }

    /// <summary>Exchanges erased, or 1 for a saved summary. Set by the writer before it settles the entry.</summary>
    public int Result { get; set; }

    public static JournalEntry ForExchange(StoredExchange exchange, long erasures)
    {
        long characters = (long)exchange.DeviceId.Length + exchange.SessionId.Length + exchange.User.Length + exchange.Assistant.Length;
        return new JournalEntry(JournalEntryKind.Exchange, exchange.DeviceId, (int)Math.Min(int.MaxValue, Overhead + (characters * 2)))
        {
            Exchange = exchange,
            Erasures = erasures,
        };
    }

    public static JournalEntry ForErasure(string deviceId) => new(JournalEntryKind.Erasure, deviceId, Overhead);

    public static JournalEntry ForSummary(string deviceId, StoredSummary summary, long previousCoversTo) =>
        new(JournalEntryKind.Summary, deviceId, Overhead + (summary.Text.Length * 2)) { Summary = summary, PreviousCoversTo = previousCoversTo };

    /// <summary>Completes when the entry is settled.</summary>
    public Task<int> WhenDone() => (Done ??= new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously)).Task;

    /// <summary>Releases the exchange; the empty entry keeps its place in the queue.</summary>
    public void Drop()
    {
        Exchange = null;
        Bytes = 0;
    }
}
