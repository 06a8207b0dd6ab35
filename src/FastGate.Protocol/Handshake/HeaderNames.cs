using System.Buffers;
using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Text;

namespace FastGate.Protocol.Handshake;

/// <summary>Names of the known headers, matched on bytes without regard to case.</summary>
/// <remarks>
/// A name's length and two of its letters pick the only known header it can be; one comparison decides. The same table serves
/// <see cref="Match(ReadOnlySpan{byte})"/>, which defines the answer, and the vector form beside it (HeaderNamesTests compares them).
/// </remarks>
internal static class HeaderNames
{
    /// <summary>Token characters of RFC 9110 section 5.6.2.</summary>
    public static readonly SearchValues<byte> TokenCharacters =
        SearchValues.Create("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"u8);

    /// <summary>What <see cref="MatchLine"/> looks at before the colon: the rest of a vector.</summary>
    public const int BytesBeforeColon = 31;

    private const int MinLength = 4;
    private const int MaxLength = 24;
    private const int TableSize = 64;

    // In the order of KnownHeader.
    private static readonly string[] s_names =
    [
        "host", "upgrade", "connection", "sec-websocket-key", "sec-websocket-version", "sec-websocket-protocol",
        "sec-websocket-extensions", "authorization", "protocol-version",
        "device-id", "device_id", "x-device-id", "x-device_id", "client-id", "client_id", "x-client-id", "x-client_id",
        "x-real-ip", "x-forwarded-for", "content-length", "transfer-encoding", "user-agent", "origin",
    ];

    private static readonly Entry[] s_table = BuildTable();

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

        ref readonly var entry = ref s_table[Hash(name.Length, name[2], name[^3])];
        return Ascii.EqualsIgnoreCase(name, entry.Name) ? entry.Header : KnownHeader.Unknown;
    }

    /// <summary>
    /// The same for the name of <paramref name="length"/> bytes that ends before <paramref name="colon"/> and follows a line feed.
    /// <see cref="BytesBeforeColon"/> bytes before the colon must be readable, whatever they are.
    /// </summary>
    public static KnownHeader MatchLine(ref byte colon, int length)
    {
        // Of a name below three characters these are bytes beside it: any entry will do, none matches.
        var hash = Hash(length, Unsafe.Add(ref colon, 2 - length), Unsafe.Add(ref colon, -3));
        ref readonly var entry = ref s_table[hash];
        var line = Vector256.LoadUnsafe(ref Unsafe.Subtract(ref colon, BytesBeforeColon));
        var equal = Vector256.Equals(line | entry.CaseBits, entry.Letters).ExtractMostSignificantBits();

        // The entry's letters begin with the line feed and end with the colon, so equal letters mean equal lengths.
        return (~equal & entry.Mask) == 0 ? entry.Header : KnownHeader.Unknown;
    }

    // Found by trying small factors; BuildTable throws if a new name makes two collide.
    private static int Hash(int length, byte third, byte thirdLast) =>
        (length + (2 * (third | 0x20)) + (6 * (thirdLast | 0x20))) & (TableSize - 1);

    private static Entry[] BuildTable()
    {
        Debug.Assert(s_names.Length == HeaderSlots.Count, "A known header has no name.");
        var table = new Entry[TableSize];
        Array.Fill(table, new Entry { Name = [], Header = KnownHeader.Unknown });
        Span<byte> letters = stackalloc byte[Vector256<byte>.Count];
        Span<byte> caseBits = stackalloc byte[Vector256<byte>.Count];
        for (var i = 0; i < s_names.Length; i++)
        {
            var name = Encoding.ASCII.GetBytes(s_names[i]);
            ref var entry = ref table[Hash(name.Length, name[2], name[^3])];
            if (entry.Mask != 0)
            {
                throw new InvalidOperationException("Two known headers share a table entry: Hash needs other factors.");
            }

            letters.Clear();
            caseBits.Clear();
            var start = BytesBeforeColon - name.Length;
            letters[start - 1] = (byte)'\n';
            name.CopyTo(letters[start..]);
            letters[BytesBeforeColon] = (byte)':';
            for (var j = 0; j < name.Length; j++)
            {
                // Only letters may differ in this bit: a hyphen must not equal a carriage return.
                caseBits[start + j] = char.IsAsciiLetter((char)name[j]) ? (byte)0x20 : (byte)0;
            }

            entry = new Entry
            {
                Name = name,
                Mask = uint.MaxValue << (start - 1),
                Header = (KnownHeader)i,
                Letters = Vector256.Create<byte>(letters),
                CaseBits = Vector256.Create<byte>(caseBits),
            };
        }

        return table;
    }

    private struct Entry
    {
        public Vector256<byte> Letters;
        public Vector256<byte> CaseBits;
        public byte[] Name;
        public uint Mask;
        public KnownHeader Header;
    }
}
