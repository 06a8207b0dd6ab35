namespace FastGate.Conversation;

/// <summary>How a turn ended.</summary>
internal enum TurnOutcome
{
    /// <summary>The whole reply was handed over.</summary>
    Completed,

    /// <summary>Interrupted by an abort, a new utterance or the device's departure.</summary>
    Cancelled,

    /// <summary>No reply could be had; the error line was spoken instead, or the reply broke off.</summary>
    Failed,
}
