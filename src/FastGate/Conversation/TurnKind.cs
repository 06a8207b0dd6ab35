namespace FastGate.Conversation;

/// <summary>What a turn is for.</summary>
internal enum TurnKind
{
    /// <summary>The user said something.</summary>
    Utterance,

    /// <summary>The session ends: the reply is a goodbye, generated with the operator's end prompt.</summary>
    Goodbye,

    /// <summary>The device has left: there is no call and no reply; memory is notified after the turns before it.</summary>
    Departure,
}
