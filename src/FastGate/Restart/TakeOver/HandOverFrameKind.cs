namespace FastGate.Restart.TakeOver;

/// <summary>What a frame between the running server and the new process says. The numbers are part of the protocol.</summary>
internal enum HandOverFrameKind : byte
{
    /// <summary>New: the formats of state it reads and the connections it has descriptors for.</summary>
    Hello = 1,

    /// <summary>Either: there is no hand-over, and why. The sender keeps what it owns.</summary>
    Refuse = 2,

    /// <summary>Running: the ballot, and the listening sockets with their names.</summary>
    Listeners = 3,

    /// <summary>New: the listeners have the configured addresses.</summary>
    Ready = 4,

    /// <summary>Running: turns in progress are still being finished.</summary>
    Wait = 5,

    /// <summary>Running: connections, and a memory file with their states.</summary>
    Batch = 6,

    /// <summary>New: the batch was received and its states were read.</summary>
    Received = 7,

    /// <summary>Running: the stage is complete and may be adopted.</summary>
    Offer = 8,

    /// <summary>New: the stage was adopted on the ballot.</summary>
    Adopted = 9,

    /// <summary>New: the devices of the stage are served; after the last stage, new connections are accepted.</summary>
    Serving = 10,
}
