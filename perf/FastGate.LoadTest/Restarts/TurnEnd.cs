namespace FastGate.LoadTest.Restarts;

/// <summary>How a turn ended, as the device saw it.</summary>
internal enum TurnEnd
{
    /// <summary>A stop without a turn.</summary>
    None,

    /// <summary>All sentences came.</summary>
    Finished,

    /// <summary>A line in other words came in place of the remaining sentences.</summary>
    Cut,

    /// <summary>Sentences are missing without a line, or the line is that of a failure.</summary>
    Broken,
}
