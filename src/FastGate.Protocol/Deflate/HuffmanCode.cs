using System.Numerics;
using System.Runtime.CompilerServices;

namespace FastGate.Protocol.Deflate;

/// <summary>
/// A canonical Huffman code of DEFLATE (RFC 1951 section 3.2.2) as a table that the next bits index. Codes longer than its index, which are rare ones, are read
/// bit by bit. The caller gives the space, so that a message allocates nothing.
/// </summary>
internal readonly ref struct HuffmanCode
{
    private const int MaxBits = 15;

    private readonly ReadOnlySpan<uint> _table;
    private readonly ReadOnlySpan<uint> _counts;
    private readonly ReadOnlySpan<uint> _sorted;

    /// <summary>Uses a space that <see cref="TryWrite"/> has filled.</summary>
    public HuffmanCode(ReadOnlySpan<uint> space, int tableBits)
    {
        _table = space[..(1 << tableBits)];
        _counts = space.Slice(_table.Length, MaxBits + 1);
        _sorted = space[(_table.Length + MaxBits + 1)..];
    }

    /// <summary>What a code of so many symbols needs.</summary>
    public static int SpaceOf(int tableBits, int symbols) => (1 << tableBits) + MaxBits + 1 + symbols;

    /// <summary>Fills the space with the code of these lengths.</summary>
    /// <param name="space">All zeros.</param>
    /// <param name="tableBits">Bits that index the table.</param>
    /// <param name="lengths">Bits of each symbol's code; 0 for a symbol without a code.</param>
    /// <param name="entries">The entry of each symbol; see <see cref="DeflateSymbols"/>.</param>
    /// <param name="mayBeIncomplete">Whether a single code of one bit, or none, is allowed, as for distances.</param>
    /// <returns>False for lengths that are no code.</returns>
    public static bool TryWrite(Span<uint> space, int tableBits, ReadOnlySpan<byte> lengths, ReadOnlySpan<uint> entries, bool mayBeIncomplete)
    {
        Span<uint> table = space[..(1 << tableBits)];
        Span<uint> counts = space.Slice(table.Length, MaxBits + 1);
        Span<uint> sorted = space[(table.Length + MaxBits + 1)..];
        foreach (byte length in lengths)
        {
            counts[length]++;
        }

        counts[0] = 0;
        int left = 1;
        int longest = 0;
        Span<int> offsets = stackalloc int[MaxBits + 2];
        for (int bits = 1; bits <= MaxBits; bits++)
        {
            int count = (int)counts[bits];
            longest = count > 0 ? bits : longest;
            left = (left << 1) - count;
            offsets[bits + 1] = offsets[bits] + count;
            if (left < 0)
            {
                return false;
            }
        }

        if (left > 0 && (!mayBeIncomplete || longest > 1))
        {
            return false;
        }

        for (int symbol = 0; symbol < lengths.Length; symbol++)
        {
            if (lengths[symbol] != 0)
            {
                sorted[offsets[lengths[symbol]]++] = entries[symbol];
            }
        }

        WriteTable(table, counts, sorted);
        return true;
    }

    /// <summary>The entry of the next symbol, whose bits are not taken; 0 for bits that are no code.</summary>
    /// <param name="bits">At least 15 bits.</param>
    // Inlined: once for each symbol of a message.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public uint Find(ulong bits)
    {
        ReadOnlySpan<uint> table = _table;
        uint entry = table[(int)bits & (table.Length - 1)];
        return entry != 0 ? entry : FindLong(bits, _counts, _sorted);
    }

    // The codes of one length follow each other. Each length doubles the part of the table that is filled: its second half repeats the first, because the bits
    // of a code come first and what follows them is any.
    private static void WriteTable(Span<uint> table, ReadOnlySpan<uint> counts, ReadOnlySpan<uint> sorted)
    {
        uint code = 0;
        int index = 0;
        for (int bits = 1, filled = 2; filled <= table.Length; bits++, filled <<= 1)
        {
            table[..(filled >> 1)].CopyTo(table[(filled >> 1)..]);
            for (uint count = counts[bits]; count > 0; count--)
            {
                table[(int)code] = sorted[index++] | (uint)bits;

                // Adds one to the code, whose highest bit is its lowest here. Behind the last code, all ones, there is nothing to write.
                int highestZero = BitOperations.Log2(code ^ (uint)(filled - 1));
                code = (code & ((1u << highestZero) - 1)) | (1u << highestZero);
            }
        }
    }

    private static uint FindLong(ulong bits, ReadOnlySpan<uint> counts, ReadOnlySpan<uint> sorted)
    {
        int code = 0, first = 0, index = 0;
        for (int length = 1; length <= MaxBits; length++, bits >>= 1)
        {
            code |= (int)(bits & 1);
            int count = (int)counts[length];
            if (code - first < count)
            {
                return sorted[index + code - first] | (uint)length;
            }

            index += count;
            first = (first + count) << 1;
            code <<= 1;
        }

        return 0;
    }
}
