namespace FastGate.Transport.Loops;

/// <summary>State of a loop's connection. Written by its loop only.</summary>
[Flags]
internal enum LoopConnectionStates
{
    None = 0,

    /// <summary>The kernel has, or may have, input.</summary>
    Readable = 1,

    /// <summary>The peer has ended its side or sent urgent data: a short read does not mean that the kernel is empty.</summary>
    PeerEnding = 2,

    /// <summary>All input up to its end has been read.</summary>
    InputEnded = 4,

    /// <summary>Reset, aborted or closed: reads fail, written bytes are dropped.</summary>
    Dead = 8,

    /// <summary>epoll reports when more can be sent.</summary>
    WatchesOutput = 16,

    /// <summary>The handler's task has ended; the transport sends the rest and closes.</summary>
    Closing = 32,

    /// <summary>Our sending side is shut down.</summary>
    SendEnded = 64,

    /// <summary>Input is received and discarded.</summary>
    Discarding = 128,

    /// <summary>The descriptor will be closed after this batch.</summary>
    ClosePending = 256,

    /// <summary>The descriptor is closed, or has another owner and must not be used here.</summary>
    Closed = 512,

    /// <summary>In the loop's list of connections to serve again.</summary>
    Requeued = 1024,

    /// <summary>ConnectionClosed has been cancelled.</summary>
    ClosedSignaled = 2048,

    /// <summary>In the closer's queue of connections with a deadline.</summary>
    Lingering = 4096,

    /// <summary>A continuation of the handler's task reports its end.</summary>
    HandlerWatched = 8192,

    /// <summary>The handler has said that the peer sends nothing more.</summary>
    InputFinished = 16384,

    /// <summary>The handler's task has asked for calls, which begin when it has ended.</summary>
    CallsRequested = 32768,
}
