namespace FastGate.Transport.HandOver;

/// <summary>An open socket that no transport watches, with the bytes that were on their way through this process.</summary>
/// <param name="Descriptor">The socket. Its holder must close it or let a transport adopt it.</param>
/// <param name="UnreadInput">Bytes that were received and not consumed; they come before those in the kernel.</param>
/// <param name="UnsentOutput">Bytes that were written and that the kernel has not accepted; they come before all others.</param>
public sealed record DetachedSocket(int Descriptor, ReadOnlyMemory<byte> UnreadInput, ReadOnlyMemory<byte> UnsentOutput);
