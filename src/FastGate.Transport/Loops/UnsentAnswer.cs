namespace FastGate.Transport.Loops;

/// <summary>An answer of which the kernel has not taken all bytes.</summary>
/// <param name="Connection">Slot and generation of the connection, as in its events.</param>
/// <param name="Error">A negated errno; 0 when the kernel has no space for the rest.</param>
/// <param name="Rest">A copy of the bytes that are to be sent later.</param>
internal sealed record UnsentAnswer(ulong Connection, int Error, byte[] Rest);
