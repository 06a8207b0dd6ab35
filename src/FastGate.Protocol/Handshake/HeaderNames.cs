using System.Buffers;
using System.Buffers.Binary;
using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Text;

namespace FastGate.Protocol.Handshake;

/// <summary>Names of the known headers, matched on bytes without regard to case.</summary>
/// <remarks>
/// A name's length and its last four letters pick the only header of the table that it can be; one comparison decides. The same table serves
/// <see cref="Match(ReadOnlySpan{byte})"/>, which defines the answer, and the vector form beside it (HeaderNamesTests compares them).
/// </remarks>
internal static unsafe class HeaderNames
{
    /// <summary>Token characters of RFC 9110 section 5.6.2.</summary>
    public static readonly SearchValues<byte> TokenCharacters =
        SearchValues.Create("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"u8);

    /// <summary>What <see cref="MatchLine"/> looks at before the colon: the rest of a vector.</summary>
    public const int BytesBeforeColon = 31;

    private const int MinLength = sizeof(uint);
    private const int MaxLength = 24;
    private const int TableSizeLog2 = 6;

    // In the order of KnownHeader.
    private static readonly string[] s_names =
    [
        "host", "upgrade", "connection", "sec-websocket-key", "sec-websocket-version", "sec-websocket-protocol",
        "sec-websocket-extensions", "authorization", "protocol-version",
        "device-id", "device_id", "x-device-id", "x-device_id", "client-id", "client_id", "x-client-id", "x-client_id",
        "x-real-ip", "x-forwarded-for", "content-length", "transfer-encoding", "user-agent", "origin",
    ];

    // What browsers and proxies send beside those. A match saves looking at each character; any other name means the same.
    private static readonly string[] s_ignored =
    [
        "accept", "accept-encoding", "accept-language", "cache-control", "cookie", "pragma", "sec-fetch-dest", "sec-fetch-mode", "sec-fetch-site",
        "forwarded", "x-forwarded-host", "x-forwarded-port", "x-forwarded-proto", "x-request-id", "x-scheme",
    ];

    // Of the process, never freed: outside the collected heap each entry can have a cache line to itself.
    private static readonly Entry* s_table = BuildTable();

    /// <summary>The lower-case spelling of a known header.</summary>
    public static string Spelling(KnownHeader header) => s_names[(int)header];

    /// <summary>The known header that <paramref name="name"/> spells, or <see cref="KnownHeader.Unknown"/>.</summary>
    /// <remarks>A match is always a valid token, so only unknown names need their characters looked at.</remarks>
    public static KnownHeader Match(ReadOnlySpan<byte> name)
    {
        if (name.Length is < MinLength or > MaxLength)
        {
            return KnownHeader.Unknown;
        }

        ref Entry entry = ref s_table[Hash(name.Length, BinaryPrimitives.ReadUInt32LittleEndian(name[^sizeof(uint)..]))];
        ReadOnlySpan<byte> spelling = MemoryMarshal.CreateReadOnlySpan(ref Unsafe.As<Entry, byte>(ref entry), BytesBeforeColon)[^name.Length..];
        return entry.Mask == MaskOf(name.Length) && Ascii.EqualsIgnoreCase(name, spelling) ? entry.Header : KnownHeader.Unknown;
    }

    /// <summary>
    /// The same for the name of <paramref name="length"/> bytes that ends before <paramref name="colon"/> and follows a line feed.
    /// <see cref="BytesBeforeColon"/> bytes before the colon must be readable, whatever they are.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] // Once a header, in the middle of the parser's loop.
    public static KnownHeader MatchLine(ref byte colon, int length)
    {
        // Of a name below four characters some of these are bytes beside it: any entry will do, none matches.
        uint lastFour = Unsafe.ReadUnaligned<uint>(ref Unsafe.Subtract(ref colon, sizeof(uint)));
        ref Entry entry = ref s_table[Hash(length, BitConverter.IsLittleEndian ? lastFour : BinaryPrimitives.ReverseEndianness(lastFour))];
        var line = Vector256.LoadUnsafe(ref Unsafe.Subtract(ref colon, BytesBeforeColon));
        uint equal = Vector256.Equals(line | entry.CaseBits, entry.Letters).ExtractMostSignificantBits();

        // The entry's letters begin with the line feed and end with the colon, so equal letters mean equal lengths.
        return (~equal & entry.Mask) == 0 ? entry.Header : KnownHeader.Unknown;
    }

    // The factor was found by trying; BuildTable throws if a new name makes two collide.
    private static nuint Hash(int length, uint lastFour) => (((lastFour | 0x20202020) + (uint)length) * 0xA2964587) >> (32 - TableSizeLog2);

    // The name, the line feed before it and the colon behind it.
    private static uint MaskOf(int length) => uint.MaxValue << (BytesBeforeColon - 1 - length);

    private static Entry* BuildTable()
    {
        Debug.Assert(s_names.Length == HeaderSlots.Count, "A known header has no name.");
        const int Size = 1 << TableSizeLog2;
        var table = (Entry*)NativeMemory.AlignedAlloc((nuint)(Size * sizeof(Entry)), (nuint)sizeof(Entry));
        for (int i = 0; i < Size; i++)
        {
            // Equal to no line: it lacks the colon.
            table[i] = new Entry { Mask = uint.MaxValue, Header = KnownHeader.Unknown };
        }

        for (int i = 0; i < s_names.Length; i++)
        {
            Add(table, s_names[i], (KnownHeader)i);
        }

        foreach (string name in s_ignored)
        {
            Add(table, name, KnownHeader.Ignored);
        }

        return table;
    }

    private static void Add(Entry* table, string text, KnownHeader header)
    {
        byte[] name = Encoding.ASCII.GetBytes(text);
        ref Entry entry = ref table[Hash(name.Length, BinaryPrimitives.ReadUInt32LittleEndian(name.AsSpan(^sizeof(uint)..)))];
        if (entry.Header != KnownHeader.Unknown)
        {
            throw new InvalidOperationException("Two known headers share a table entry: Hash needs another factor.");
        }

        Span<byte> letters = stackalloc byte[Vector256<byte>.Count];
        Span<byte> caseBits = stackalloc byte[Vector256<byte>.Count];
        letters.Clear();
        caseBits.Clear();
        int start = BytesBeforeColon - name.Length;
        letters[start - 1] = (byte)'\n';
        name.CopyTo(letters[start..]);
        letters[BytesBeforeColon] = (byte)':';
        for (int i = 0; i < name.Length; i++)
        {
            // Only letters may differ in this bit: a hyphen must not equal a carriage return.
            caseBits[start + i] = char.IsAsciiLetter((char)name[i]) ? (byte)0x20 : (byte)0;
        }

        entry.Letters = Vector256.Create<byte>(letters);
        entry.CaseBits = Vector256.Create<byte>(caseBits);
        entry.Mask = MaskOf(name.Length);
        entry.Header = header;
    }

    /// <summary>One cache line. No name is so long that it needs the first bytes of its letters: the rest of the entry lies there.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 64)]
    private struct Entry
    {
        [FieldOffset(0)]
        public Vector256<byte> Letters;

        [FieldOffset(0)]
        public KnownHeader Header;

        [FieldOffset(32)]
        public Vector256<byte> CaseBits;

        [FieldOffset(32)]
        public uint Mask;
    }
}
