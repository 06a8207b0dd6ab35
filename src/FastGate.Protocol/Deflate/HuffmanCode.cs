using System.Runtime.CompilerServices;

namespace FastGate.Protocol.Deflate;

/// <summary>A canonical Huffman code of DEFLATE (RFC 1951 section 3.2.2). It reads bit by bit: messages are small, and no table is built for each.</summary>
internal struct HuffmanCode
{
    private const int MaxBits = 15;

    private const int MostSymbols = 288;

    private Symbols _symbols;
    private Counts _counts;

    /// <summary>Creates the code of these lengths; 0 for a symbol without a code.</summary>
    /// <param name="lengths">Bits of each symbol's code.</param>
    /// <param name="mayBeIncomplete">Whether a single code of one bit, or none, is allowed, as for distances.</param>
    /// <param name="code">The code.</param>
    /// <param name="isFixedDistance">The distances of a fixed block, of which two codes are never used.</param>
    /// <returns>False for lengths that are no code.</returns>
    public static bool TryCreate(ReadOnlySpan<byte> lengths, bool mayBeIncomplete, out HuffmanCode code, bool isFixedDistance = false)
    {
        code = default;
        ref Counts counts = ref code._counts;
        int longest = 0;
        foreach (byte length in lengths)
        {
            counts[length]++;
            longest = Math.Max(longest, length);
        }

        counts[0] = 0;
        int left = 1;
        Counts offsets = default;
        for (int bits = 1; bits <= MaxBits; bits++)
        {
            left = (left << 1) - counts[bits];
            if (left < 0)
            {
                return false;
            }

            if (bits < MaxBits)
            {
                offsets[bits + 1] = (ushort)(offsets[bits] + counts[bits]);
            }
        }

        if (left > 0 && !isFixedDistance && (!mayBeIncomplete || longest > 1))
        {
            return false;
        }

        for (int symbol = 0; symbol < lengths.Length; symbol++)
        {
            if (lengths[symbol] != 0)
            {
                code._symbols[offsets[lengths[symbol]]++] = (ushort)symbol;
            }
        }

        return true;
    }

    /// <summary>The next symbol; -1 for bits that are no code.</summary>
    public readonly int Read(ref DeflateBits input)
    {
        int value = 0, first = 0, index = 0;
        for (int bits = 1; bits <= MaxBits; bits++)
        {
            value |= input.Take(1);
            int count = _counts[bits];
            if (value - first < count)
            {
                return _symbols[index + value - first];
            }

            index += count;
            first = (first + count) << 1;
            value <<= 1;
        }

        return -1;
    }

    [InlineArray(MostSymbols)]
    private struct Symbols
    {
        private ushort _first;
    }

    [InlineArray(MaxBits + 1)]
    private struct Counts
    {
        private ushort _first;
    }
}
