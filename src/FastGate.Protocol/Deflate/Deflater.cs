using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace FastGate.Protocol.Deflate;

/// <summary>
/// Compresses one message for permessage-deflate (RFC 7692 section 7.2.1): one block with the fixed code of DEFLATE (RFC 1951 section 3.2.6), whose code needs no
/// table in the message, and the start of an empty stored block. A message never refers to an earlier one.
/// </summary>
/// <remarks>Budget: no allocation; enforced by <c>DeflaterTests</c>. The work is linear in the length of the message.</remarks>
public static class Deflater
{
    /// <summary>The fewest window bits that a client may ask for.</summary>
    public const int MinWindowBits = 8;

    /// <summary>Window bits of a client that has not asked for fewer.</summary>
    public const int MaxWindowBits = 15;

    // A short message has a small table: clearing a large one would cost more than the compression.
    private const int FewestHashBits = 7;
    private const int MostHashBits = 12;
    private const int MinMatch = 4;

    /// <summary>Compresses a message.</summary>
    /// <param name="message">The message, not empty.</param>
    /// <param name="output">Receives the payload.</param>
    /// <param name="windowBits">The largest distance of a reference is 2 to this power; 8 to 15.</param>
    /// <returns>The length of the payload; 0 when it would be longer than <paramref name="output"/>.</returns>
    // The positions are cleared below.
    [SkipLocalsInit]
    public static int Deflate(ReadOnlySpan<byte> message, Span<byte> output, int windowBits)
    {
        int window = 1 << windowBits;
        int hashBits = Math.Clamp(BitOperations.Log2((uint)message.Length | 1), FewestHashBits, MostHashBits);

        // The last position of each hash of four bytes, plus one.
        Span<int> positions = stackalloc int[1 << hashBits];
        positions.Clear();
        var bits = new DeflateBitWriter(output);
        bits.Write(0b010, 3); // Not the final block; fixed code.
        int position = 0;
        while (position <= message.Length - MinMatch && !bits.IsFull)
        {
            ReadOnlySpan<byte> rest = message[position..];
            uint next = BinaryPrimitives.ReadUInt32LittleEndian(rest);
            ref int last = ref positions[(int)((next * 2_654_435_761u) >> (32 - hashBits))];
            int earlier = last - 1;
            int distance = position - earlier;
            last = position + 1;
            if (earlier >= 0 && distance <= window && BinaryPrimitives.ReadUInt32LittleEndian(message[earlier..]) == next)
            {
                int length = rest[..Math.Min(rest.Length, FixedCode.MaxLength)].CommonPrefixLength(message[earlier..]);
                FixedCode.WriteLength(ref bits, length);
                FixedCode.WriteDistance(ref bits, distance);
                position += length;
            }
            else
            {
                FixedCode.WriteSymbol(ref bits, rest[0]);
                position++;
            }
        }

        for (; position < message.Length && !bits.IsFull; position++)
        {
            FixedCode.WriteSymbol(ref bits, message[position]);
        }

        FixedCode.WriteSymbol(ref bits, FixedCode.EndOfBlock);
        bits.Write(0b000, 3); // An empty stored block; its lengths, 00 00 FF FF, are not sent.
        return bits.End();
    }
}
