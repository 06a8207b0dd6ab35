namespace FastGate.Sessions;

/// <summary>How the loop treats a queued message.</summary>
internal enum OutboundKind
{
    /// <summary>Belongs to no turn; always written.</summary>
    Notice,

    /// <summary>The turn starts to speak.</summary>
    TurnStart,

    /// <summary>Part of a turn's reply.</summary>
    TurnText,

    /// <summary>The turn has ended; the session writes the end.</summary>
    TurnEnd,

    /// <summary>One frame of a turn's sound, in the framing of the connection.</summary>
    Audio,

    /// <summary>A text of an operator to show on the device, in UTF-8.</summary>
    Alert,

    /// <summary>A line of an operator to speak, in UTF-8.</summary>
    Line,

    /// <summary>The device has heard something; nothing is written for it.</summary>
    Heard,

    /// <summary>Reports that the loop has reached it; nothing is written for it.</summary>
    Mark,
}
