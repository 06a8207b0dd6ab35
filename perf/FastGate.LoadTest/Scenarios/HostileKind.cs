namespace FastGate.LoadTest.Scenarios;

/// <summary>What a hostile peer does.</summary>
internal enum HostileKind
{
    /// <summary>Connects and sends nothing.</summary>
    Silent,

    /// <summary>Sends a valid request, one byte every half second.</summary>
    SlowRequest,

    /// <summary>Sends bytes that are not HTTP.</summary>
    Garbage,

    /// <summary>Sends headers without end.</summary>
    EndlessHeaders,

    /// <summary>Sends pings without a pause and never reads.</summary>
    NeverReads,

    /// <summary>Announces a message and sends one byte of it every half second.</summary>
    SlowMessage,

    /// <summary>Sends a frame without a mask.</summary>
    Unmasked,

    /// <summary>Sends a frame with a reserved opcode.</summary>
    ReservedOpcode,

    /// <summary>Announces a frame of 2^62 bytes.</summary>
    HugeFrame,

    /// <summary>Sends fragments without a final one.</summary>
    EndlessFragments,

    /// <summary>Sends invalid JSON and empty audio.</summary>
    Nonsense,

    /// <summary>Connects, upgrades and disconnects repeatedly.</summary>
    Flapping,
}
