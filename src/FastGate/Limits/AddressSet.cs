using System.Buffers.Binary;
using System.Globalization;
using System.Net;

namespace FastGate.Limits;

/// <summary>Addresses and networks. Immutable; a lookup allocates nothing.</summary>
internal sealed class AddressSet
{
    private const int Bits = 128;
    private const int MappedPrefix = 96;

    private readonly (UInt128 First, UInt128 Mask)[] _ranges;

    /// <param name="ranges">As <c>NetworksAttribute</c> allows them. Bits behind the prefix are ignored.</param>
    public AddressSet(IEnumerable<string> ranges) => _ranges = [.. ranges.Select(Parse)];

    /// <summary>The leading bits of an address.</summary>
    public static UInt128 MaskOf(int prefix) => prefix == 0 ? UInt128.Zero : UInt128.MaxValue << (Bits - prefix);

    /// <param name="address">An IPv4 address in its IPv6-mapped form.</param>
    public bool Contains(UInt128 address)
    {
        foreach ((UInt128 first, UInt128 mask) in _ranges)
        {
            if ((address & mask) == first)
            {
                return true;
            }
        }

        return false;
    }

    private static (UInt128 First, UInt128 Mask) Parse(string text)
    {
        int slash = text.IndexOf('/', StringComparison.Ordinal);
        var address = IPAddress.Parse(slash < 0 ? text : text[..slash]);
        Span<byte> bytes = stackalloc byte[16];
        address.MapToIPv6().TryWriteBytes(bytes, out _);
        int offset = address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork ? MappedPrefix : 0;
        UInt128 mask = MaskOf(slash < 0 ? Bits : offset + int.Parse(text.AsSpan(slash + 1), CultureInfo.InvariantCulture));
        return (BinaryPrimitives.ReadUInt128BigEndian(bytes) & mask, mask);
    }
}
