namespace FastGate.Sessions;

/// <summary>What a queued message is, as far as the loop cares.</summary>
internal enum OutboundKind
{
    /// <summary>Belongs to no turn; always written.</summary>
    Notice,

    /// <summary>The turn begins to speak.</summary>
    TurnStart,

    /// <summary>Part of a turn.</summary>
    TurnText,

    /// <summary>The turn is over; the session writes what that takes.</summary>
    TurnEnd,
}
