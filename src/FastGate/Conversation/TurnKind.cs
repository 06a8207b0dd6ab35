namespace FastGate.Conversation;

/// <summary>What a turn is for.</summary>
internal enum TurnKind
{
    /// <summary>The user said something.</summary>
    Utterance,

    /// <summary>The session ends politely: the reply is a goodbye, made with the operator's end prompt.</summary>
    Goodbye,
}
