using System.Buffers;

namespace FastGate.Sessions;

/// <summary>
/// One growing buffer per thread for messages that are written at once. No caller keeps it, so the next message can reuse it.
/// </summary>
internal static class SessionScratch
{
    /// <summary>A larger buffer is replaced after use, so that a long text does not stay in memory for each loop.</summary>
    private const int KeptCapacity = 16 * 1024;

    [ThreadStatic]
    private static ArrayBufferWriter<byte>? t_writer;

    public static ArrayBufferWriter<byte> Rent()
    {
        ArrayBufferWriter<byte>? writer = t_writer;
        if (writer is null || writer.Capacity > KeptCapacity)
        {
            writer = t_writer = new ArrayBufferWriter<byte>(512);
        }

        writer.ResetWrittenCount();
        return writer;
    }
}
