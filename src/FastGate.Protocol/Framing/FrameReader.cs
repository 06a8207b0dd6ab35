using System.Buffers;
using System.Buffers.Binary;

namespace FastGate.Protocol.Framing;

/// <summary>
/// Reads frame headers strictly (RFC 6455 section 5.2): everything that the RFC forbids is refused, at the first byte that shows the violation.
/// <code>
/// byte 0       FIN | RSV1 RSV2 RSV3 | opcode (4 bits)
/// byte 1       MASK | length (7 bits): 0 to 125, 126 when 16 bits of length follow, 127 when 64 bits follow
/// then         extended length, 0, 2 or 8 bytes, big-endian
/// then         masking key, 4 bytes, if MASK is set
/// </code>
/// Budget: no allocation; enforced by <c>AllocationTests</c>.
/// </summary>
public static class FrameReader
{
    private const byte FinBit = 0x80;
    private const byte ReservedBits = 0x70;
    private const byte Reserved1 = 0x40;
    private const byte OpcodeBits = 0x0F;
    private const byte MaskBit = 0x80;
    private const byte LengthBits = 0x7F;
    private const int Length16 = 126;
    private const int Length64 = 127;
    private const int MaskKeySize = 4;

    /// <summary>Reads the header of a client's frame, which must be masked.</summary>
    /// <param name="bytes">Received bytes, from the first byte of the frame.</param>
    /// <param name="header">The header when Done.</param>
    /// <param name="consumed">Size of the header in bytes when Done; otherwise 0.</param>
    /// <param name="error">The violation when InvalidData; otherwise None.</param>
    /// <param name="allowsCompressed">Whether RSV1 may be set at the start of a message (RFC 7692 section 6).</param>
    /// <returns>Done, NeedMoreData or InvalidData.</returns>
    public static OperationStatus TryRead(ReadOnlySpan<byte> bytes, out FrameHeader header, out int consumed, out FrameError error, bool allowsCompressed = false)
    {
        // Fast path, for nearly every frame of a device: data, no reserved bit, masked, at most 125 bytes of payload.
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

        return TryReadSlow(bytes, masked: true, allowsCompressed, out header, out consumed, out error);
    }

    /// <summary>Reads the header of a server's frame, which must not be masked. For clients and tests.</summary>
    /// <inheritdoc cref="TryRead"/>
    public static OperationStatus TryReadServerFrame(
        ReadOnlySpan<byte> bytes, out FrameHeader header, out int consumed, out FrameError error, bool allowsCompressed = false) =>
        TryReadSlow(bytes, masked: false, allowsCompressed, out header, out consumed, out error);

    private static OperationStatus TryReadSlow(
        ReadOnlySpan<byte> bytes, bool masked, bool allowsCompressed, out FrameHeader header, out int consumed, out FrameError error)
    {
        header = default;
        consumed = 0;
        error = CheckFirstBytes(bytes, masked, allowsCompressed);
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

        header = new FrameHeader((Opcode)(bytes[0] & OpcodeBits), (bytes[0] & FinBit) != 0, length, masked, key, position, (bytes[0] & Reserved1) != 0);
        consumed = position;
        return OperationStatus.Done;
    }

    // FIN | RSV1-3 | opcode, then MASK | length; control frames: FIN set, length at most 125 (RFC 6455 sections 5.2 and 5.5).
    private static FrameError CheckFirstBytes(ReadOnlySpan<byte> bytes, bool masked, bool allowsCompressed)
    {
        if (bytes.IsEmpty)
        {
            return FrameError.None;
        }

        byte first = bytes[0];
        var opcode = (Opcode)(first & OpcodeBits);
        int reserved = first & ReservedBits;
        if (reserved != 0 && !(allowsCompressed && reserved == Reserved1 && opcode is (Opcode.Text or Opcode.Binary)))
        {
            return FrameError.ReservedBits;
        }

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

    /// <summary>Reads an extended length. On entry <paramref name="length"/> is 126 (16 bits follow) or 127 (64 bits follow).</summary>
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
