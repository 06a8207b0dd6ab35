using System.Runtime.InteropServices;
using FastGate.Fleet;
using FastGate.Protocol.Handshake;

namespace FastGate.Flight;

/// <summary>
/// The hash by which a source is limited: of its address, an IPv6 address by its /64 network, which one host has whole. Behind a proxy all devices have one
/// address: when the peer is in a private network, the address that it reports counts. A client of a public address cannot choose its key.
/// </summary>
internal static class SourceKey
{
    private static readonly AddressRange[] s_private =
        [.. ((string[])["127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "::1", "fc00::/7", "fe80::/10"]).Select(Parse)];

    /// <param name="address">As of <see cref="AddressRange.ValueOf"/>.</param>
    /// <param name="request">What has arrived of the request.</param>
    public static int Of(UInt128 address, scoped in HandshakeRequest request) =>
        Of(address, request.XRealIp.IsEmpty ? request.XForwardedFor : request.XRealIp);

    /// <param name="address">As of <see cref="AddressRange.ValueOf"/>.</param>
    /// <param name="reported">The addresses that a proxy reports.</param>
    public static int Of(UInt128 address, ReadOnlySpan<byte> reported) => reported.IsEmpty || !IsPrivate(address) ? Of(address) : OfReported(reported);

    public static int Of(UInt128 address)
    {
        UInt128 key = address >> 32 == 0xFFFF ? address : address >> 64;
        return HashOf(MemoryMarshal.AsBytes(new ReadOnlySpan<UInt128>(in key)));
    }

    /// <summary>The key of a device that was upgraded: behind a proxy all devices have one address, and the reported one is no longer known.</summary>
    public static int Of(ReadOnlySpan<byte> deviceId) => HashOf(deviceId);

    /// <summary>The last address of a list: the nearest proxy has added it.</summary>
    private static int OfReported(ReadOnlySpan<byte> reported) => HashOf(reported[(reported.LastIndexOf((byte)',') + 1)..].Trim(" \t"u8));

    /// <summary>Its key is random, so that no client can choose an address with the hash of a device.</summary>
    private static int HashOf(ReadOnlySpan<byte> bytes)
    {
        var hash = default(HashCode);
        hash.AddBytes(bytes);
        return hash.ToHashCode();
    }

    private static bool IsPrivate(UInt128 address)
    {
        foreach (AddressRange range in s_private)
        {
            if (range.Contains(address))
            {
                return true;
            }
        }

        return false;
    }

    private static AddressRange Parse(string text) => AddressRange.TryParse(text, out AddressRange range) ? range : throw new FormatException(text);
}
