namespace FastGate.Memory.Journal;

/// <summary>What a journal entry asks of the store.</summary>
internal enum JournalEntryKind
{
    Turn,
    Summary,
    Erasure,
}
