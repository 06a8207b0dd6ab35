using System.Buffers;
using System.Buffers.Binary;

namespace FastGate.Protocol.Framing;

/// <summary>
/// Reads frame headers strictly (RFC 6455 section 5.2): everything that the RFC forbids is refused, and a violation is
/// reported at the first byte that shows it. Allocates nothing.
/// </summary>
public static class FrameReader
{
    private const byte FinBit = 0x80;
    private const byte ReservedBits = 0x70;
    private const byte OpcodeBits = 0x0F;
    private const byte MaskBit = 0x80;
    private const byte LengthBits = 0x7F;
    private const int Length16 = 126;
    private const int Length64 = 127;
    private const int MaskKeySize = 4;

    /// <summary>Reads the header of a client's frame, which must be masked.</summary>
    /// <param name="bytes">What has arrived, from the first byte of the frame.</param>
    /// <param name="header">The header, when <see cref="OperationStatus.Done"/>.</param>
    /// <param name="consumed">Bytes of the header when done, else 0.</param>
    /// <param name="error">What is wrong, when <see cref="OperationStatus.InvalidData"/>.</param>
    /// <returns>Done, NeedMoreData or InvalidData.</returns>
    public static OperationStatus TryRead(ReadOnlySpan<byte> bytes, out FrameHeader header, out int consumed, out FrameError error)
    {
        // Nearly every frame of a device is this one: data, no reserved bit, masked, below 126 bytes.
        if (bytes.Length >= 2 + MaskKeySize)
        {
            int first = bytes[0];
            int length = bytes[1] - MaskBit;
            if ((first & ~FinBit) <= (int)Opcode.Binary && (uint)length < Length16)
            {
                uint key = BinaryPrimitives.ReadUInt32LittleEndian(bytes[2..]);
                header = new FrameHeader((Opcode)(first & OpcodeBits), first >= FinBit, length, masked: true, key, 2 + MaskKeySize);
                consumed = 2 + MaskKeySize;
                error = FrameError.None;
                return OperationStatus.Done;
            }
        }

        return TryReadSlow(bytes, masked: true, out header, out consumed, out error);
    }

    /// <summary>Reads the header of a server's frame, which must not be masked. For clients and tests.</summary>
    /// <inheritdoc cref="TryRead"/>
    public static OperationStatus TryReadServerFrame(
        ReadOnlySpan<byte> bytes, out FrameHeader header, out int consumed, out FrameError error) =>
        TryReadSlow(bytes, masked: false, out header, out consumed, out error);

    private static OperationStatus TryReadSlow(
        ReadOnlySpan<byte> bytes, bool masked, out FrameHeader header, out int consumed, out FrameError error)
    {
        header = default;
        consumed = 0;
        error = CheckFirstBytes(bytes, masked);
        if (error != FrameError.None)
        {
            return OperationStatus.InvalidData;
        }

        if (bytes.Length < 2)
        {
            return OperationStatus.NeedMoreData;
        }

        long length = bytes[1] & LengthBits;
        int position = 2;
        if (length >= Length16)
        {
            OperationStatus status = TryReadLength(bytes[2..], ref length, out int size, out error);
            if (status != OperationStatus.Done)
            {
                return status;
            }

            position += size;
        }

        uint key = 0;
        if (masked)
        {
            if (bytes.Length < position + MaskKeySize)
            {
                return OperationStatus.NeedMoreData;
            }

            key = BinaryPrimitives.ReadUInt32LittleEndian(bytes[position..]);
            position += MaskKeySize;
        }

        header = new FrameHeader((Opcode)(bytes[0] & OpcodeBits), (bytes[0] & FinBit) != 0, length, masked, key, position);
        consumed = position;
        return OperationStatus.Done;
    }

    private static FrameError CheckFirstBytes(ReadOnlySpan<byte> bytes, bool masked)
    {
        if (bytes.IsEmpty)
        {
            return FrameError.None;
        }

        byte first = bytes[0];
        if ((first & ReservedBits) != 0)
        {
            return FrameError.ReservedBits;
        }

        var opcode = (Opcode)(first & OpcodeBits);
        if (opcode is > Opcode.Binary and < Opcode.Close or > Opcode.Pong)
        {
            return FrameError.ReservedOpcode;
        }

        bool control = opcode >= Opcode.Close;
        if (control && (first & FinBit) == 0)
        {
            return FrameError.ControlFragmented;
        }

        if (bytes.Length == 1)
        {
            return FrameError.None;
        }

        if ((bytes[1] & MaskBit) != 0 != masked)
        {
            return masked ? FrameError.NotMasked : FrameError.Masked;
        }

        return control && (bytes[1] & LengthBits) > FrameHeader.MaxControlPayload ? FrameError.ControlTooLong : FrameError.None;
    }

    /// <summary>Reads an extended length. <paramref name="length"/> says on entry which of the two kinds it is.</summary>
    private static OperationStatus TryReadLength(ReadOnlySpan<byte> bytes, ref long length, out int size, out FrameError error)
    {
        error = FrameError.None;
        size = length == Length64 ? sizeof(ulong) : sizeof(ushort);
        if (size == sizeof(ulong) && !bytes.IsEmpty && (bytes[0] & 0x80) != 0)
        {
            error = FrameError.LengthOverflow;
            return OperationStatus.InvalidData;
        }

        if (bytes.Length < size)
        {
            return OperationStatus.NeedMoreData;
        }

        long smallest;
        if (size == sizeof(ulong))
        {
            length = BinaryPrimitives.ReadInt64BigEndian(bytes);
            smallest = ushort.MaxValue + 1;
        }
        else
        {
            length = BinaryPrimitives.ReadUInt16BigEndian(bytes);
            smallest = Length16;
        }

        if (length < smallest)
        {
            error = FrameError.LengthNotMinimal;
            return OperationStatus.InvalidData;
        }

        return OperationStatus.Done;
    }
}
