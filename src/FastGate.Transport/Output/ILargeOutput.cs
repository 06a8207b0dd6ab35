namespace FastGate.Transport.Output;

/// <summary>Output that can send a large piece from the memory of its caller, without a copy. On the connection's loop only.</summary>
public interface ILargeOutput
{
    /// <summary>
    /// Sends what was written since the last flush, and then <paramref name="bytes"/>, as far as the kernel takes them now. It never waits, and changes
    /// nothing but what is sent: the caller writes the rest and flushes as usual, and errors are those of the flush.
    /// </summary>
    /// <returns>How many of <paramref name="bytes"/> were sent.</returns>
    int SendNow(ReadOnlySpan<byte> bytes);
}
