namespace FastGate.Memory.Journal;

/// <summary>What became of an entry at the journal's door.</summary>
internal enum JournalAdmission
{
    Accepted,

    /// <summary>No room, or closed.</summary>
    Refused,

    /// <summary>The device was erased after the turn began: the turn belongs to what was erased.</summary>
    Erased,
}
