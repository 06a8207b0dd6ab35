using System.Globalization;

namespace FastGate.Protocol.Proxies;

/// <summary>Reads IP addresses from text without an object for them. An IPv4 address is returned in its IPv6-mapped form, <c>::ffff:a.b.c.d</c>.</summary>
/// <remarks>Budget: no allocation for any input; enforced by <c>ProxyAllocationTests</c>.</remarks>
public static class AddressText
{
    private const int Groups = 8;

    private const ulong Mapped = 0xFFFF_0000_0000;

    /// <summary>An IPv4 address of four decimal numbers without leading zeros, or an IPv6 address (RFC 4291 section 2.2) without zone and brackets.</summary>
    public static bool TryRead(ReadOnlySpan<byte> text, out UInt128 address) =>
        text.Contains((byte)':') ? TryReadIPv6(text, out address) : TryReadIPv4(text, out address);

    /// <summary>
    /// An address as proxies report it: with an optional port, an IPv6 address with or without brackets, and quoted or not. The port is not used.
    /// False for <c>unknown</c> and obfuscated identifiers (RFC 7239 section 6), and for anything else.
    /// </summary>
    public static bool TryReadNode(ReadOnlySpan<byte> text, out UInt128 address)
    {
        text = text.Trim(" \t"u8);
        if (text.Length >= 2 && text[0] == '"' && text[^1] == '"')
        {
            text = text[1..^1];
        }

        address = 0;
        if (!text.IsEmpty && text[0] == '[')
        {
            int end = text.IndexOf((byte)']');
            return end > 0 && IsPort(text[(end + 1)..]) && TryReadIPv6(text[1..end], out address);
        }

        int colon = text.IndexOf((byte)':');
        return colon >= 0 && text.LastIndexOf((byte)':') == colon
            ? IsPort(text[colon..]) && TryReadIPv4(text[..colon], out address)
            : TryRead(text, out address);
    }

    /// <summary>A decimal port without leading zeros.</summary>
    internal static bool TryReadPort(ReadOnlySpan<byte> text, out ushort port)
    {
        port = 0;
        return text.Length is > 0 and <= 5 && (text.Length == 1 || text[0] != '0') && ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out port);
    }

    internal static bool TryReadIPv4(ReadOnlySpan<byte> text, out UInt128 address)
    {
        address = 0;
        uint value = 0;
        for (int part = 0; part < 4; part++)
        {
            int end = text.IndexOf((byte)'.');
            ReadOnlySpan<byte> digits = part == 3 ? text : end < 0 ? default : text[..end];
            if (!TryReadPort(digits, out ushort number) || number > byte.MaxValue)
            {
                return false;
            }

            value = (value << 8) | number;
            text = text[(part == 3 ? text.Length : end + 1)..];
        }

        address = Mapped | value;
        return true;
    }

    internal static bool TryReadIPv6(ReadOnlySpan<byte> text, out UInt128 address)
    {
        // The groups before the double colon are at the top of the value, those after it at the bottom.
        UInt128 head = 0, tail = 0;
        int headGroups = 0, tailGroups = 0;
        bool hasGap = false;
        address = 0;
        while (true)
        {
            if (!hasGap && text.StartsWith("::"u8))
            {
                hasGap = true;
                text = text[2..];
                if (text.IsEmpty)
                {
                    break;
                }
            }

            int end = text.IndexOf((byte)':');
            ReadOnlySpan<byte> group = end < 0 ? text : text[..end];
            int width = 1;
            uint value;
            if (end < 0 && group.Contains((byte)'.'))
            {
                if (!TryReadIPv4(group, out UInt128 embedded))
                {
                    return false;
                }

                (value, width) = ((uint)embedded, 2);
            }
            else if (!TryReadGroup(group, out value))
            {
                return false;
            }

            ref UInt128 half = ref hasGap ? ref tail : ref head;
            ref int groups = ref hasGap ? ref tailGroups : ref headGroups;
            half = (half << (16 * width)) | value;
            groups += width;
            if (end < 0)
            {
                break;
            }

            // A colon that begins a double colon stays for the next round; any other separates two groups.
            text = text[end..];
            if (hasGap || !text.StartsWith("::"u8))
            {
                text = text[1..];
            }

            if (headGroups + tailGroups >= Groups && !text.StartsWith("::"u8))
            {
                return false;
            }
        }

        int all = headGroups + tailGroups;
        if (hasGap ? all >= Groups : all != Groups)
        {
            return false;
        }

        // A shift by the whole width would be none.
        address = headGroups == 0 ? tail : (head << (16 * (Groups - headGroups))) | tail;
        return true;
    }

    private static bool TryReadGroup(ReadOnlySpan<byte> group, out uint value)
    {
        value = 0;
        return group.Length is > 0 and <= 4 && uint.TryParse(group, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value);
    }

    /// <summary>Nothing, or a colon and a port, which may be obfuscated (RFC 7239 section 6).</summary>
    private static bool IsPort(ReadOnlySpan<byte> text) =>
        text.IsEmpty || (text[0] == ':' && (TryReadPort(text[1..], out _) || text[1..].StartsWith("_"u8)));
}
