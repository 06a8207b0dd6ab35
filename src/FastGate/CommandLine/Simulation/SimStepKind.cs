namespace FastGate.CommandLine.Simulation;

/// <summary>The kinds of steps; each line of a script is one.</summary>
internal enum SimStepKind
{
    /// <summary>Asks OTA, opens the WebSocket and exchanges the hello.</summary>
    Connect,

    /// <summary>Lets time pass.</summary>
    Wait,

    /// <summary>Sends words as the text of a detected wake word.</summary>
    SayText,

    /// <summary>Speaks recorded or generated sound.</summary>
    SaySound,

    /// <summary>Interrupts the reply.</summary>
    Abort,

    /// <summary>Ends the session and closes the connection.</summary>
    Goodbye,

    /// <summary>Begins again with the first line.</summary>
    Repeat,
}
