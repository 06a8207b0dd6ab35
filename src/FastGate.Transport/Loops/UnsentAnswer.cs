namespace FastGate.Transport.Loops;

/// <summary>An answer of which the kernel has not taken all bytes.</summary>
/// <param name="Connection">Whose answer it is.</param>
/// <param name="Error">A negated errno; 0 when the kernel has no space for the rest.</param>
/// <param name="Rest">A copy of the bytes that are to be sent later.</param>
internal sealed record UnsentAnswer(LoopConnection Connection, int Error, byte[] Rest);
