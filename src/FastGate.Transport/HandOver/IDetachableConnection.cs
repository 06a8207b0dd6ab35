namespace FastGate.Transport.HandOver;

/// <summary>Feature of a connection whose socket can be given to another owner: another process, or the next image of this one.</summary>
public interface IDetachableConnection
{
    /// <summary>
    /// Takes the socket out of the transport without closing it. Only the connection's own delegate may call it, and only between two reads. The
    /// pipes are unusable afterwards; the delegate must return without using them.
    /// </summary>
    /// <returns>The socket and the bytes in this process; null when the connection has failed or is being closed.</returns>
    DetachedSocket? Detach();
}
