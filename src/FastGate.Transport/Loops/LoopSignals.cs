namespace FastGate.Transport.Loops;

/// <summary>Requests of other threads to a connection's loop. Several requests before the loop looks cost one look.</summary>
[Flags]
internal enum LoopSignals
{
    None = 0,

    /// <summary>Cancellation of a read was requested. Stays until a read has taken it.</summary>
    ReadCancelled = 1,

    Abort = 2,

    /// <summary>The handler's task has ended.</summary>
    HandlerDone = 4,

    /// <summary>The connection is already in the loop's list.</summary>
    Queued = 8,

    /// <summary>Cancellation of a flush was requested.</summary>
    Flush = 16,
}
