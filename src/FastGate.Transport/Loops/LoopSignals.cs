namespace FastGate.Transport.Loops;

/// <summary>What other threads ask of a connection's loop. Set any number of times, looked at once.</summary>
[Flags]
internal enum LoopSignals
{
    None = 0,

    /// <summary>A read began, or its cancellation was asked for.</summary>
    Read = 1,

    /// <summary>A flush began, its cancellation was asked for, or the output was completed.</summary>
    Flush = 2,

    Abort = 4,

    /// <summary>The handler's task has ended.</summary>
    HandlerDone = 8,

    /// <summary>The connection is in the loop's list already.</summary>
    Queued = 16,
}
