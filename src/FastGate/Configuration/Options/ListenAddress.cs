using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace FastGate.Configuration.Options;

/// <summary><c>address:port</c> of a <c>Listen</c> key: an IPv4 address, an IPv6 address in brackets, or <c>localhost</c>.</summary>
internal static class ListenAddress
{
    public const string Allowed =
        "address:port, as in 0.0.0.0:8000, 127.0.0.1:0 or [::]:8000 (an IPv4 address, an IPv6 address in brackets or localhost; port 0 to 65535, 0 picks one)";

    /// <summary>
    /// Stricter than the framework's parser, which reads <c>8000</c> as the address 0.0.31.64 and <c>::1:8000</c> as an address without a port.
    /// </summary>
    public static bool TryParse(string? text, out IPEndPoint endPoint)
    {
        endPoint = null!;
        if (text is null || text.LastIndexOf(':') is var colon && colon < 1)
        {
            return false;
        }

        if (!ushort.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out ushort port) ||
            !TryParseAddress(text.AsSpan(0, colon), out IPAddress? address))
        {
            return false;
        }

        endPoint = new IPEndPoint(address, port);
        return true;
    }

    /// <summary>For a validated value.</summary>
    public static IPEndPoint Parse(string text) =>
        TryParse(text, out IPEndPoint endPoint) ? endPoint : throw new FormatException($"\"{text}\" is not {Allowed}.");

    private static bool TryParseAddress(ReadOnlySpan<char> host, out IPAddress address)
    {
        if (host.Equals("localhost", StringComparison.OrdinalIgnoreCase))
        {
            address = IPAddress.Loopback;
            return true;
        }

        if (host is ['[', .. var inner, ']'])
        {
            return IPAddress.TryParse(inner, out address!) && address.AddressFamily == AddressFamily.InterNetworkV6;
        }

        // The framework accepts 127.1 and 0x7f.0.0.1 too, which are more likely mistakes.
        return IPAddress.TryParse(host, out address!) && address.AddressFamily == AddressFamily.InterNetwork &&
            host.SequenceEqual(address.ToString());
    }
}
