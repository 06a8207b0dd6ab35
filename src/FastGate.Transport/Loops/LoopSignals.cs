namespace FastGate.Transport.Loops;

/// <summary>What other threads ask of a connection's loop. Set any number of times, looked at once.</summary>
[Flags]
internal enum LoopSignals
{
    None = 0,

    /// <summary>Cancellation of a read was requested.</summary>
    Read = 1,

    Abort = 4,

    /// <summary>The handler's task has ended.</summary>
    HandlerDone = 8,

    /// <summary>The connection is in the loop's list already.</summary>
    Queued = 16,
}
