namespace FastGate.Transport.Linux;

/// <summary>How a listener reacts to an error of accept.</summary>
internal enum AcceptErrorKind
{
    /// <summary>One connection attempt failed (reset in the backlog, refused by a firewall): accept the next.</summary>
    Transient,

    /// <summary>The process or the machine has run out of descriptors or memory: wait before the next accept, or the loop spins.</summary>
    Pressure,

    /// <summary>The listening socket is unusable.</summary>
    Fatal,
}
