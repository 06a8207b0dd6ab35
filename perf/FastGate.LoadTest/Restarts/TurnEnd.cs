namespace FastGate.LoadTest.Restarts;

/// <summary>How a turn ended, as the device saw it.</summary>
internal enum TurnEnd
{
    /// <summary>A stop without a turn.</summary>
    None,

    /// <summary>Sentences are missing. The line that says why follows, or the turn is broken.</summary>
    Interrupted,

    /// <summary>All sentences came.</summary>
    Finished,

    /// <summary>A line in other words came in place of the remaining sentences.</summary>
    Cut,

    /// <summary>Sentences are missing without a line, or the line is that of a failure.</summary>
    Broken,
}
