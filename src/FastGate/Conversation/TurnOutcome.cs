namespace FastGate.Conversation;

/// <summary>How a turn ended.</summary>
internal enum TurnOutcome
{
    /// <summary>The whole reply was handed to the sink.</summary>
    Completed,

    /// <summary>Interrupted by an abort, a new utterance, or the device leaving.</summary>
    Cancelled,

    /// <summary>There was no reply and the error line was spoken instead, or the reply broke off.</summary>
    Failed,
}
