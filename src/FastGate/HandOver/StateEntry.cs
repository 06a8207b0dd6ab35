using System.Buffers.Binary;

namespace FastGate.HandOver;

/// <summary>One entry of the table of a saved state. Its layout never changes.</summary>
internal readonly record struct StateEntry(
    int Descriptor, byte Kind, byte Flags, long Offset, int UnsentLength, uint UnsentChecksum, int Length, uint Checksum)
{
    /// <summary>The offset of a record that does not lie where a record may lie.</summary>
    public const long NoPlace = -1;

    public bool IsWhole => (Flags & StateFormat.FlagWhole) != 0;

    public bool TakesClose => (Flags & StateFormat.FlagTakesClose) != 0;

    /// <summary>First byte after the record.</summary>
    public long End => Offset + UnsentLength + Length;

    /// <summary>For an entry that has a place in the input.</summary>
    public ReadOnlySpan<byte> UnsentIn(ReadOnlySpan<byte> input) => input.Slice((int)Offset, UnsentLength);

    /// <inheritdoc cref="UnsentIn"/>
    public bool IsUnsentWholeIn(ReadOnlySpan<byte> input) => StateFormat.Checksum(UnsentIn(input)) == UnsentChecksum;

    /// <summary>Whether nothing of the record is damaged; false for an entry without a place.</summary>
    /// <param name="input">The state.</param>
    /// <param name="record">What follows the unsent output.</param>
    public bool IsWholeIn(ReadOnlySpan<byte> input, out ReadOnlySpan<byte> record)
    {
        record = default;
        if (Offset == NoPlace || !IsUnsentWholeIn(input))
        {
            return false;
        }

        record = input.Slice((int)Offset + UnsentLength, Length);
        return StateFormat.Checksum(record) == Checksum;
    }

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
