namespace FastGate.Conversation;

/// <summary>What a turn is for.</summary>
internal enum TurnKind
{
    /// <summary>The user said something.</summary>
    Utterance,

    /// <summary>The session ends politely: the reply is a goodbye, made with the operator's end prompt.</summary>
    Goodbye,

    /// <summary>The device has gone: nothing is asked and nobody answered, but memory is told, after the turns before it.</summary>
    Departure,
}
