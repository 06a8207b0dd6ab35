using System.Buffers.Binary;
using System.Numerics;

namespace FastGate.Protocol.Deflate;

/// <summary>
/// Compresses one message for permessage-deflate (RFC 7692 section 7.2.1): one block with the fixed code of DEFLATE (RFC 1951 section 3.2.6), whose code needs no
/// table in the message, and the start of an empty stored block. A message never refers to an earlier one.
/// </summary>
/// <remarks>Budget: no allocation; enforced by <c>DeflaterTests</c>. The work is linear in the length of the message.</remarks>
public static class Deflater
{
    /// <summary>Window bits of a client that has not asked for fewer.</summary>
    public const int MaxWindowBits = 15;

    private const int HashBits = 12;
    private const int MinMatch = 4;
    private const int MaxMatch = 258;

    /// <summary>Compresses a message.</summary>
    /// <param name="message">The message, not empty.</param>
    /// <param name="output">Receives the payload.</param>
    /// <param name="windowBits">The largest distance of a reference is 2 to this power; 8 to 15.</param>
    /// <returns>The length of the payload; 0 when it would be longer than <paramref name="output"/>.</returns>
    public static int Deflate(ReadOnlySpan<byte> message, Span<byte> output, int windowBits)
    {
        int window = 1 << windowBits;

        // The last position of each hash of four bytes, plus one.
        Span<int> positions = stackalloc int[1 << HashBits];
        positions.Clear();
        var bits = new DeflateBitWriter(output);
        bits.Write(0b010, 3); // Not the final block; fixed code.
        int position = 0;
        while (position < message.Length && !bits.IsFull)
        {
            ReadOnlySpan<byte> rest = message[position..];
            int length = 0;
            int distance = 0;
            if (rest.Length >= MinMatch)
            {
                ref int last = ref positions[(int)((BinaryPrimitives.ReadUInt32LittleEndian(rest) * 2_654_435_761u) >> (32 - HashBits))];
                distance = position + 1 - last;
                if (last > 0 && distance <= window)
                {
                    length = rest[..Math.Min(rest.Length, MaxMatch)].CommonPrefixLength(message[(last - 1)..]);
                }

                last = position + 1;
            }

            if (length >= MinMatch)
            {
                WriteLength(ref bits, length);
                WriteDistance(ref bits, distance);
                position += length;
            }
            else
            {
                WriteSymbol(ref bits, rest[0]);
                position++;
            }
        }

        WriteSymbol(ref bits, 256);
        bits.Write(0b000, 3); // An empty stored block; its lengths, 00 00 FF FF, are not sent.
        return bits.End();
    }

    // The codes of RFC 1951 section 3.2.6: 8, 9, 7 and 8 bits.
    private static void WriteSymbol(ref DeflateBitWriter bits, int symbol)
    {
        switch (symbol)
        {
            case < 144:
                bits.WriteCode(0x30 + symbol, 8);
                break;
            case < 256:
                bits.WriteCode(0x190 + symbol - 144, 9);
                break;
            case < 280:
                bits.WriteCode(symbol - 256, 7);
                break;
            default:
                bits.WriteCode(0xC0 + symbol - 280, 8);
                break;
        }
    }

    // RFC 1951 section 3.2.5: four codes for each number of extra bits; 3 to 10 and 258 have none.
    private static void WriteLength(ref DeflateBitWriter bits, int length)
    {
        int value = length - 3;
        if (value < 8 || length == MaxMatch)
        {
            WriteSymbol(ref bits, length == MaxMatch ? 285 : 257 + value);
            return;
        }

        int extra = BitOperations.Log2((uint)value) - 2;
        WriteSymbol(ref bits, 257 + (4 * (extra + 1)) + ((value >> extra) & 3));
        bits.Write(value & ((1 << extra) - 1), extra);
    }

    // Two codes for each number of extra bits; 1 to 4 have none. Each code has 5 bits.
    private static void WriteDistance(ref DeflateBitWriter bits, int distance)
    {
        int value = distance - 1;
        if (value < 4)
        {
            bits.WriteCode(value, 5);
            return;
        }

        int extra = BitOperations.Log2((uint)value) - 1;
        bits.WriteCode((2 * (extra + 1)) + ((value >> extra) & 1), 5);
        bits.Write(value & ((1 << extra) - 1), extra);
    }
}
