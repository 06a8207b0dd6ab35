namespace FastGate.Conversation;

/// <summary>Where a turn stands with the workers.</summary>
internal enum TurnPhase
{
    New,
    Waiting,

    /// <summary>Interrupted before it began: it counts as waiting no more and is dropped when its place comes round.</summary>
    Dropped,
    Running,
    Done,
}
