namespace FastGate.Memory.Journal;

/// <summary>One thing waiting to be made durable. Mutable fields belong to <see cref="MemoryJournal"/> and are touched under its lock only.</summary>
internal sealed class JournalEntry
{
    private JournalEntry(JournalEntryKind kind, string deviceId, int bytes)
    {
        Kind = kind;
        DeviceId = deviceId;
        Bytes = bytes;
    }

    public JournalEntryKind Kind { get; }

    public string DeviceId { get; }

    /// <summary>Memory it holds, estimated: UTF-16 text and the objects around it.</summary>
    public int Bytes { get; private set; }

    /// <summary>The turn to append; null once an erasure overtook it before the writer took it.</summary>
    public StoredExchange? Turn { get; private set; }

    public StoredSummary? Summary { get; private init; }

    public long PreviousCoversTo { get; private init; }

    /// <summary>Told when the entry is durable: turns erased, or 1 for a summary that was kept.</summary>
    public TaskCompletionSource<int>? Done { get; private init; }

    /// <summary>Erasures when the turn began (<see cref="ErasureLog"/>).</summary>
    public long Erasures { get; private init; }

    public long AcceptedAtMs { get; set; }

    public JournalEntry? NextOfDevice { get; set; }

    public bool Overlaid { get; set; }

    /// <summary>The writer holds it; its turn may no longer be taken away.</summary>
    public bool InFlight { get; set; }

    public static JournalEntry ForTurn(StoredExchange turn, long erasures)
    {
        long characters = (long)turn.DeviceId.Length + turn.SessionId.Length + turn.User.Length + turn.Assistant.Length;
        return new JournalEntry(JournalEntryKind.Turn, turn.DeviceId, (int)Math.Min(int.MaxValue, 320 + (characters * 2)))
        {
            Turn = turn,
            Erasures = erasures,
        };
    }

    public static JournalEntry ForErasure(string deviceId) =>
        new(JournalEntryKind.Erasure, deviceId, 320) { Done = NewSource() };

    public static JournalEntry ForSummary(string deviceId, StoredSummary summary, long previousCoversTo) =>
        new(JournalEntryKind.Summary, deviceId, 320 + (summary.Text.Length * 2))
        {
            Summary = summary,
            PreviousCoversTo = previousCoversTo,
            Done = NewSource(),
        };

    /// <summary>Lets go of the turn; the empty entry keeps its place in the order.</summary>
    public void Drop()
    {
        Turn = null;
        Bytes = 0;
    }

    private static TaskCompletionSource<int> NewSource() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
