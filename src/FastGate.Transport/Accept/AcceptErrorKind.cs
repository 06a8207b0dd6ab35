namespace FastGate.Transport.Accept;

/// <summary>What an error of accept asks for.</summary>
internal enum AcceptErrorKind
{
    /// <summary>That one connect failed (reset in the backlog, refused by a firewall): try the next.</summary>
    Transient,

    /// <summary>The process or the machine has run out of descriptors or memory: wait, or the loop spins.</summary>
    Pressure,

    /// <summary>The listening socket is gone.</summary>
    Fatal,
}
