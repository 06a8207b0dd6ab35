namespace FastGate.Transport.Loops;

/// <summary>How a loop's connection stands. Written by its loop only.</summary>
[Flags]
internal enum LoopConnectionStates
{
    None = 0,

    /// <summary>The kernel has, or may have, something to read.</summary>
    Readable = 1,

    /// <summary>The peer has ended its side: a short read is then not the end of what there is to read.</summary>
    PeerEnding = 2,

    /// <summary>Everything the peer sent has been read.</summary>
    InputEnded = 4,

    /// <summary>Reset, aborted or closed: reads fail, writes go nowhere.</summary>
    Dead = 8,

    /// <summary>The kernel tells when more can be sent.</summary>
    WatchesOutput = 16,

    /// <summary>The handler's task has ended; the transport finishes by itself.</summary>
    Closing = 32,

    /// <summary>The peer has been told that nothing more comes.</summary>
    SendEnded = 64,

    /// <summary>What the peer still sends is read and thrown away.</summary>
    Discarding = 128,

    /// <summary>Waiting for the end of the batch to be closed.</summary>
    ClosePending = 256,

    /// <summary>The descriptor is closed.</summary>
    Closed = 512,

    /// <summary>In the loop's list of those who get another turn.</summary>
    Requeued = 1024,

    /// <summary>Those who asked have been told that the connection is over.</summary>
    ClosedTold = 2048,

    /// <summary>In the loop's queue of those whose close has a deadline.</summary>
    Lingering = 4096,

    /// <summary>The end of the handler's task is told by the task itself.</summary>
    HandlerWatched = 8192,
}
