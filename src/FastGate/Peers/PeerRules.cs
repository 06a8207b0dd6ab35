using FastGate.Configuration.Options;
using FastGate.Fleet;
using FastGate.Protocol.Proxies;

namespace FastGate.Peers;

/// <summary>
/// Which peers are trusted. A proxy forwards connections and reports the client; a trusted peer, such as an MQTT gateway, has many devices behind its
/// own address. Addresses are as of <see cref="AddressRange.ValueOf"/>. Immutable; no member allocates.
/// </summary>
internal sealed class PeerRules(IEnumerable<string> proxies, IEnumerable<string> peers)
{
    private readonly AddressRange[] _proxies = [.. proxies.Select(Parse)];
    private readonly AddressRange[] _peers = [.. peers.Select(Parse)];

    public static PeerRules Of(DeviceOptions options) => new(options.TrustedProxies, options.TrustedPeers);

    public bool HasProxies => _proxies.Length > 0;

    /// <summary>Whether the address only forwards connections: it says nothing about the client.</summary>
    public bool IsProxy(UInt128 address) => IsIn(_proxies, address);

    /// <summary>Whether the address must never be limited or banned, because many devices share it.</summary>
    public bool IsExempt(UInt128 address) => IsProxy(address) || IsIn(_peers, address);

    /// <summary>
    /// The client of a connection or request from <paramref name="peer"/>: the last reported address that is no proxy, because each proxy adds the peer that it
    /// sees. A list of proxies only gives its first. An unknown or hidden node ends the list there. False when the peer is no proxy or reports nothing.
    /// </summary>
    public bool TryFindClient(UInt128 peer, scoped ReportedNodes nodes, out UInt128 client)
    {
        client = 0;
        if (!IsProxy(peer))
        {
            return false;
        }

        bool isFound = false;
        while (nodes.Read())
        {
            if (!nodes.HasAddress)
            {
                isFound = false;
            }
            else if (!isFound || !IsProxy(nodes.Address))
            {
                (isFound, client) = (true, nodes.Address);
            }
        }

        return isFound && MayReport(peer, client);
    }

    /// <summary>Another machine cannot have clients that are on this one; the admin listener trusts those.</summary>
    public static bool MayReport(UInt128 peer, UInt128 client) => !IsLoopback(client) || IsLoopback(peer);

    private static bool IsLoopback(UInt128 address) => address == UInt128.One || address >> 24 == 0xFFFF7F;

    private static bool IsIn(AddressRange[] ranges, UInt128 address)
    {
        foreach (AddressRange range in ranges)
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
