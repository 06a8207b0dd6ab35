using System.Numerics;

namespace FastGate.Protocol.Deflate;

/// <summary>What a block with the fixed code of DEFLATE contains for each literal, length and distance (RFC 1951 section 3.2.6), ready to be written.</summary>
internal static class FixedCode
{
    public const int EndOfBlock = 256;
    public const int MaxLength = 258;

    private const int CountShift = 24;
    private const int DistanceBits = 5;

    // The bits of a code with its extra bits, the first one lowest; their number from bit 24 on.
    private static readonly uint[] s_symbols = [.. Enumerable.Range(0, EndOfBlock + 1).Select(OfSymbol)];
    private static readonly uint[] s_lengths = [.. Enumerable.Range(0, MaxLength + 1).Select(OfLength)];
    private static readonly uint[] s_distances = [.. Enumerable.Range(0, 30).Select(static code => Reverse((uint)code, DistanceBits))];

    public static void WriteSymbol(ref DeflateBitWriter bits, int symbol) => Write(ref bits, s_symbols[symbol]);

    /// <summary>Writes a length from 3 to 258.</summary>
    public static void WriteLength(ref DeflateBitWriter bits, int length) => Write(ref bits, s_lengths[length]);

    /// <summary>Writes a distance from 1 to 32,768.</summary>
    public static void WriteDistance(ref DeflateBitWriter bits, int distance)
    {
        // Two codes for each number of extra bits; 1 to 4 have none.
        uint value = (uint)distance - 1;
        int extra = Math.Max(0, BitOperations.Log2(value) - 1);
        uint code = value < 4 ? value : (2 * ((uint)extra + 1)) + ((value >> extra) & 1);
        bits.Write(s_distances[(int)code] | ((value & ((1u << extra) - 1)) << DistanceBits), DistanceBits + extra);
    }

    private static void Write(ref DeflateBitWriter bits, uint entry) => bits.Write(entry & ((1u << CountShift) - 1), (int)(entry >> CountShift));

    // The codes have 8, 9, 7 and 8 bits.
    private static uint OfSymbol(int symbol) => symbol switch
    {
        < 144 => Code(0x30 + symbol, 8),
        < 256 => Code(0x190 + symbol - 144, 9),
        < 280 => Code(symbol - 256, 7),
        _ => Code(0xC0 + symbol - 280, 8),
    };

    // Four codes for each number of extra bits; 3 to 10 and 258 have none.
    private static uint OfLength(int length)
    {
        int value = length - 3;
        if (value < 8 || length == MaxLength)
        {
            return value < 0 ? 0 : OfSymbol(length == MaxLength ? 285 : 257 + value);
        }

        int extra = BitOperations.Log2((uint)value) - 2;
        uint code = OfSymbol(257 + (4 * (extra + 1)) + ((value >> extra) & 3));
        return code + ((uint)extra << CountShift) + ((uint)(value & ((1 << extra) - 1)) << (int)(code >> CountShift));
    }

    private static uint Code(int code, int count) => Reverse((uint)code, count) | ((uint)count << CountShift);

    // The highest bit of a Huffman code comes first.
    private static uint Reverse(uint code, int count)
    {
        uint reversed = 0;
        for (int bit = 0; bit < count; bit++)
        {
            reversed = (reversed << 1) | ((code >> bit) & 1);
        }

        return reversed;
    }
}
