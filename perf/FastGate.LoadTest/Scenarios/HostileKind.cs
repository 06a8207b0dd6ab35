namespace FastGate.LoadTest.Scenarios;

/// <summary>What a hostile peer does.</summary>
internal enum HostileKind
{
    /// <summary>Connects and says nothing.</summary>
    Silent,

    /// <summary>Sends a good request, one byte each half second.</summary>
    SlowRequest,

    /// <summary>Sends no HTTP.</summary>
    Garbage,

    /// <summary>Sends headers without end.</summary>
    EndlessHeaders,

    /// <summary>Asks without a pause and reads no answer.</summary>
    NeverReads,

    /// <summary>Announces a message and sends one byte of it each half second.</summary>
    SlowMessage,

    /// <summary>Sends a frame without a mask.</summary>
    Unmasked,

    /// <summary>Sends a frame of no known kind.</summary>
    ReservedOpcode,

    /// <summary>Announces a frame of 2^62 bytes.</summary>
    HugeFrame,

    /// <summary>Sends fragments that never become a message.</summary>
    EndlessFragments,

    /// <summary>Sends text that is no JSON, and binary that is no audio.</summary>
    Nonsense,

    /// <summary>Connects, upgrades and is gone, again and again.</summary>
    Flapping,
}
