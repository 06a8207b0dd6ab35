namespace FastGate.Transport.Accept;

/// <summary>Why the transport itself closed an accepted connect.</summary>
public enum AcceptRefusal
{
    /// <summary>There is no descriptor for another connection, or the kernel cannot watch it.</summary>
    NoDescriptor,

    /// <summary>It had waited too long for its turn in a storm of connects.</summary>
    WaitExpired,
}
