using System.Buffers;

namespace FastGate.Sessions;

/// <summary>
/// One growing buffer a thread for messages that are written straight away: nothing keeps it across a call, so the next message
/// may have it at once.
/// </summary>
internal static class SessionScratch
{
    /// <summary>A larger buffer is given up after use, so that one long text does not stay with every loop.</summary>
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
