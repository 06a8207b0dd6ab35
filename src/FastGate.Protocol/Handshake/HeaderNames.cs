using System.Buffers;
using System.Buffers.Binary;
using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Text;

namespace FastGate.Protocol.Handshake;

/// <summary>Names of the known headers, matched on bytes without regard to case. No allocation.</summary>
/// <remarks>
/// A perfect hash of a name's length and last four letters selects the only table entry that can match; one comparison decides. The table serves
/// <see cref="Match(ReadOnlySpan{byte})"/>, the reference, and its vector form <see cref="MatchLine"/> (HeaderNamesTests compares them).
/// </remarks>
internal static unsafe class HeaderNames
{
    /// <summary>Token characters of RFC 9110 section 5.6.2.</summary>
    public static readonly SearchValues<byte> TokenCharacters =
        SearchValues.Create("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"u8);

    /// <summary>Number of bytes before the colon that <see cref="MatchLine"/> reads.</summary>
    public const int BytesBeforeColon = 31;

    private const int MinLength = sizeof(uint);
    private const int MaxLength = 24;
    private const int TableSizeLog2 = 6;

    // In the order of KnownHeader.
    private static readonly string[] s_names =
    [
        "host", "upgrade", "connection", "sec-websocket-key", "sec-websocket-version", "authorization", "protocol-version",
        "device-id", "device_id", "x-device-id", "x-device_id", "client-id", "client_id", "x-client-id", "x-client_id",
        "x-real-ip", "x-forwarded-for", "content-length", "transfer-encoding", "accept-language", "origin",
    ];

    // Other common headers of browsers and proxies. A match skips the check of each character; otherwise they are treated like any unknown header.
    private static readonly string[] s_ignored =
    [
        "accept", "accept-encoding", "cache-control", "cookie", "pragma", "user-agent",
        "sec-fetch-dest", "sec-fetch-mode", "sec-fetch-site", "sec-websocket-extensions", "sec-websocket-protocol",
        "forwarded", "x-forwarded-host", "x-forwarded-port", "x-forwarded-proto", "x-request-id", "x-scheme",
    ];

    // Native memory, never freed, so that each entry is aligned to one cache line.
    private static readonly Entry* s_table = BuildTable();

    /// <summary>The lower-case spelling of a known header.</summary>
    public static string Spelling(KnownHeader header) => s_names[(int)header];

    /// <summary>The header with this name, or <see cref="KnownHeader.Unknown"/>.</summary>
    /// <remarks>A match is always a valid token, so only the characters of unknown names must be checked.</remarks>
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
    /// The header whose name has <paramref name="length"/> bytes, follows a line feed and ends before <paramref name="colon"/>.
    /// <see cref="BytesBeforeColon"/> bytes before the colon must be readable, with any content.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] // Called once per header in the parser's loop.
    public static KnownHeader MatchLine(ref byte colon, int length)
    {
        // For a name below four characters this includes bytes before the name; then no entry matches.
        uint lastFour = Unsafe.ReadUnaligned<uint>(ref Unsafe.Subtract(ref colon, sizeof(uint)));
        ref Entry entry = ref s_table[Hash(length, BitConverter.IsLittleEndian ? lastFour : BinaryPrimitives.ReverseEndianness(lastFour))];
        var line = Vector256.LoadUnsafe(ref Unsafe.Subtract(ref colon, BytesBeforeColon));
        uint equal = Vector256.Equals(line | entry.CaseBits, entry.Letters).ExtractMostSignificantBits();

        // The letters of an entry include the line feed and the colon, so equal letters imply equal lengths.
        return (~equal & entry.Mask) == 0 ? entry.Header : KnownHeader.Unknown;
    }

    // The factor was found by search; BuildTable throws when a new name collides with another.
    private static nuint Hash(int length, uint lastFour) => (((lastFour | 0x20202020) + (uint)length) * 0xA2964587) >> (32 - TableSizeLog2);

    // Selects the name, the line feed before it and the colon after it.
    private static uint MaskOf(int length) => uint.MaxValue << (BytesBeforeColon - 1 - length);

    private static Entry* BuildTable()
    {
        Debug.Assert(s_names.Length == HeaderSlots.Count, "A known header has no name.");
        const int Size = 1 << TableSizeLog2;
        var table = (Entry*)NativeMemory.AlignedAlloc((nuint)(Size * sizeof(Entry)), (nuint)sizeof(Entry));
        for (int i = 0; i < Size; i++)
        {
            // Matches no line, because it has no colon.
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
            throw new InvalidOperationException("Two known headers have the same hash: Hash needs a different factor.");
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
            // Only letters may differ in this bit: a hyphen must not match a carriage return.
            caseBits[start + i] = char.IsAsciiLetter((char)name[i]) ? (byte)0x20 : (byte)0;
        }

        entry.Letters = Vector256.Create<byte>(letters);
        entry.CaseBits = Vector256.Create<byte>(caseBits);
        entry.Mask = MaskOf(name.Length);
        entry.Header = header;
    }

    /// <summary>One cache line. No name uses the first bytes of the vectors, so the other fields overlap them.</summary>
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
