using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace FastGate.Fleet;

/// <summary>An address or a network in CIDR notation. An IPv4 address equals its IPv6-mapped form.</summary>
internal readonly record struct AddressRange
{
    private const int Bits = 128;
    private const int MappedPrefix = 96;

    private readonly UInt128 _first;

    private AddressRange(UInt128 address, int prefix)
    {
        Prefix = prefix;
        _first = address & MaskOf(prefix);
    }

    /// <summary>Bits of an IPv6 address that all addresses of the range have.</summary>
    public int Prefix { get; }

    /// <summary>Whether the range is one address.</summary>
    public bool IsSingle => Prefix == Bits;

    /// <summary>The first address of the range, as of <see cref="ValueOf"/>.</summary>
    public UInt128 First => _first;

    /// <summary>The range of that prefix around an address. Allocates nothing.</summary>
    public static AddressRange Of(IPAddress address, int prefix) => new(ValueOf(address), prefix);

    /// <summary>The range of that prefix around a <see cref="ValueOf"/> address. Allocates nothing.</summary>
    public static AddressRange Of(UInt128 address, int prefix) => new(address, prefix);

    public static bool TryParse(string text, out AddressRange range)
    {
        range = default;
        int slash = text.IndexOf('/', StringComparison.Ordinal);
        string host = slash < 0 ? text : text[..slash];
        if (!IPAddress.TryParse(host, out IPAddress? address) || host.Contains('%', StringComparison.Ordinal))
        {
            return false;
        }

        bool isIPv4 = address.AddressFamily == AddressFamily.InterNetwork;
        if (isIPv4 && host != address.ToString())
        {
            // Short and octal forms are more likely a mistake than meant.
            return false;
        }

        int offset = isIPv4 ? MappedPrefix : 0;
        int prefix = Bits - offset;
        if (slash >= 0 && (!int.TryParse(text.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out prefix) || prefix > Bits - offset))
        {
            return false;
        }

        range = new AddressRange(ValueOf(address), prefix + offset);
        return true;
    }

    /// <summary>The address as a number; an IPv4 address in its IPv6-mapped form. Allocates nothing.</summary>
    public static UInt128 ValueOf(IPAddress address)
    {
        Span<byte> bytes = stackalloc byte[16];
        if (address.AddressFamily == AddressFamily.InterNetwork)
        {
            bytes[..10].Clear();
            bytes[10..12].Fill(0xFF);
            address.TryWriteBytes(bytes[12..], out _);
        }
        else
        {
            address.TryWriteBytes(bytes, out _);
        }

        return BinaryPrimitives.ReadUInt128BigEndian(bytes);
    }

    /// <summary>Allocates nothing.</summary>
    public bool Contains(IPAddress address) => Contains(ValueOf(address));

    /// <summary>Whether an address of <see cref="ValueOf"/> is in the range. Allocates nothing.</summary>
    public bool Contains(UInt128 address) => (address & MaskOf(Prefix)) == _first;

    public bool Contains(AddressRange other) => Prefix <= other.Prefix && Contains(other._first);

    /// <summary>The canonical text: equal ranges have equal texts.</summary>
    public override string ToString() => TextOf(_first, Prefix);

    // A shift by the whole width would be none.
    private static UInt128 MaskOf(int prefix) => prefix == 0 ? UInt128.Zero : UInt128.MaxValue << (Bits - prefix);

    private static string TextOf(UInt128 first, int prefix)
    {
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, first);
        var address = new IPAddress(bytes);
        bool isMapped = address.IsIPv4MappedToIPv6 && prefix >= MappedPrefix;
        IPAddress shown = isMapped ? address.MapToIPv4() : address;
        return prefix == Bits ? shown.ToString() : string.Create(CultureInfo.InvariantCulture, $"{shown}/{prefix - (isMapped ? MappedPrefix : 0)}");
    }
}
