namespace FastGate.Protocol.Deflate;

/// <summary>
/// What each symbol of DEFLATE means (RFC 1951 section 3.2.5), as an entry of a table: bits 0 to 3 are the length of its code, which <see cref="HuffmanCode"/>
/// adds; bits 8 to 12 the number of extra bits; bits 16 to 31 the literal, or the smallest length or distance.
/// </summary>
internal static class DeflateSymbols
{
    public const int Literals = 288;
    public const int Distances = 32;
    public const int Lengths = 19;

    /// <summary>The symbol is a byte of the message.</summary>
    public const uint Literal = 0x80;

    /// <summary>The symbol ends the block, or has no meaning.</summary>
    public const uint Special = 0x40;

    public const int EndOfBlock = 256;

    private const uint CodeLengthMask = 0xF;

    private static readonly uint[] s_literals = CreateLiterals();
    private static readonly uint[] s_distances = CreateDistances();
    private static readonly uint[] s_lengths = [.. Enumerable.Range(0, Lengths).Select(static symbol => Entry(symbol, 0))];

    /// <summary>Literals and lengths. The last two are never used.</summary>
    public static ReadOnlySpan<uint> OfLiterals => s_literals;

    /// <summary>Distances. The last two are never used.</summary>
    public static ReadOnlySpan<uint> OfDistances => s_distances;

    /// <summary>Code lengths: each means its number.</summary>
    public static ReadOnlySpan<uint> OfLengths => s_lengths;

    public static int CodeLength(uint entry) => (int)(entry & CodeLengthMask);

    public static int ExtraBits(uint entry) => (int)(entry >> 8) & 0x1F;

    public static int Value(uint entry) => (int)(entry >> 16);

    public static bool IsEndOfBlock(uint entry) => Value(entry) == EndOfBlock;

    private static uint Entry(int value, int extra, uint flags = 0) => ((uint)value << 16) | ((uint)extra << 8) | flags;

    private static uint[] CreateLiterals()
    {
        uint[] entries = new uint[Literals];
        for (int symbol = 0; symbol < EndOfBlock; symbol++)
        {
            entries[symbol] = Entry(symbol, 0, Literal);
        }

        entries[EndOfBlock] = Entry(EndOfBlock, 0, Special);

        // Four codes for each number of extra bits; 3 to 10 and 258 have none.
        for (int code = 0; code < 28; code++)
        {
            int extra = Math.Max(0, (code >> 2) - 1);
            entries[EndOfBlock + 1 + code] = Entry(code < 8 ? 3 + code : 3 + ((4 + (code & 3)) << extra), extra);
        }

        entries[285] = Entry(258, 0);
        entries[286] = entries[287] = Entry(0, 0, Special);
        return entries;
    }

    private static uint[] CreateDistances()
    {
        // Two codes for each number of extra bits; 1 to 4 have none.
        uint[] entries = new uint[Distances];
        for (int code = 0; code < 30; code++)
        {
            int extra = Math.Max(0, (code >> 1) - 1);
            entries[code] = Entry(code < 4 ? 1 + code : 1 + ((2 + (code & 1)) << extra), extra);
        }

        entries[30] = entries[31] = Entry(0, 0, Special);
        return entries;
    }
}
