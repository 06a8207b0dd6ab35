using System.Buffers.Binary;
using System.Numerics;

namespace FastGate.Protocol.Messages;

/// <summary>
/// The ping in its usual spelling, which is all that idle devices send, as a message and as a whole frame that is found without the frame reader.
/// <see cref="DeviceMessageReader"/> takes every spelling. Budget: no allocation (UsualPingTests).
/// </summary>
public static class UsualPing
{
    /// <summary>Bytes of the frame: header 2, masking key 4, payload 15 (RFC 6455 section 5.2).</summary>
    public const int FrameSize = 2 + 4 + PayloadSize;

    /// <summary>Bytes of <see cref="Message"/>.</summary>
    public const int PayloadSize = 15;

    private const int Payload = FrameSize - PayloadSize;

    // The payload as two words, the second of which begins at its byte 7.
    private static readonly ulong s_first = BinaryPrimitives.ReadUInt64LittleEndian(Message);
    private static readonly ulong s_last = BinaryPrimitives.ReadUInt64LittleEndian(Message[7..]);

    /// <summary>The message in UTF-8.</summary>
    public static ReadOnlySpan<byte> Message => """{"type":"ping"}"""u8;

    /// <summary>Counts the pings of input that begins with a frame and contains whole usual pings only.</summary>
    /// <param name="input">Received bytes, of any length.</param>
    /// <returns>The number of pings; 0 when there is anything else.</returns>
    public static int Count(ReadOnlySpan<byte> input)
    {
        if (input.Length % FrameSize != 0)
        {
            return 0;
        }

        for (ReadOnlySpan<byte> rest = input; !rest.IsEmpty; rest = rest[FrameSize..])
        {
            if (!IsAt(rest))
            {
                return 0;
            }
        }

        return input.Length / FrameSize;
    }

    private static bool IsAt(ReadOnlySpan<byte> frame)
    {
        // Final text frame, masked.
        if (BinaryPrimitives.ReadUInt16LittleEndian(frame) != (0x81 | ((0x80 | PayloadSize) << 8)))
        {
            return false;
        }

        ulong mask = BinaryPrimitives.ReadUInt32LittleEndian(frame[2..]);
        mask |= mask << 32;
        ulong first = BinaryPrimitives.ReadUInt64LittleEndian(frame[Payload..]) ^ mask;

        // Byte 7 of the payload has byte 3 of the key.
        ulong last = BinaryPrimitives.ReadUInt64LittleEndian(frame[(Payload + 7)..]) ^ BitOperations.RotateRight(mask, 24);
        return first == s_first && last == s_last;
    }
}
