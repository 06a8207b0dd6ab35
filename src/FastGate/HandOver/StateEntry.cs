using System.Buffers.Binary;

namespace FastGate.HandOver;

/// <summary>One entry of the table of a saved state. Its layout never changes.</summary>
internal readonly record struct StateEntry(
    int Descriptor, byte Kind, byte Flags, long Offset, int UnsentLength, uint UnsentChecksum, int Length, uint Checksum)
{
    public bool IsWhole => (Flags & StateFormat.FlagWhole) != 0;

    public bool TakesClose => (Flags & StateFormat.FlagTakesClose) != 0;

    /// <summary>First byte after the record.</summary>
    public long End => Offset + UnsentLength + Length;

    public void Write(Span<byte> output)
    {
        BinaryPrimitives.WriteInt32LittleEndian(output, Descriptor);
        output[4] = Kind;
        output[5] = Flags;
        output[6] = 0;
        output[7] = 0;
        BinaryPrimitives.WriteInt64LittleEndian(output[8..], Offset);
        BinaryPrimitives.WriteInt32LittleEndian(output[16..], UnsentLength);
        BinaryPrimitives.WriteUInt32LittleEndian(output[20..], UnsentChecksum);
        BinaryPrimitives.WriteInt32LittleEndian(output[24..], Length);
        BinaryPrimitives.WriteUInt32LittleEndian(output[28..], Checksum);
    }

    public static StateEntry Read(ReadOnlySpan<byte> input) => new(
        BinaryPrimitives.ReadInt32LittleEndian(input),
        input[4],
        input[5],
        BinaryPrimitives.ReadInt64LittleEndian(input[8..]),
        BinaryPrimitives.ReadInt32LittleEndian(input[16..]),
        BinaryPrimitives.ReadUInt32LittleEndian(input[20..]),
        BinaryPrimitives.ReadInt32LittleEndian(input[24..]),
        BinaryPrimitives.ReadUInt32LittleEndian(input[28..]));
}
