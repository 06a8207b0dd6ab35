using System.Net;
using System.Text;

namespace FastGate.Protocol.Handshake;

/// <summary>
/// Decides whether a request may come from a page of a browser, by its <c>Origin</c> (RFC 6455 section 10.2): a page of another site must not act as a
/// device. Clients that are no browser send none.
/// </summary>
/// <param name="allowed">Origins that are allowed besides the server's own host, such as <c>https://app.example.org</c>; <c>*</c> allows every origin.</param>
/// <param name="ownHosts">The names of the server. Without them each name that a request has in its <c>Host</c> is taken for the server's own, so a page whose
/// name was pointed to the server's address after it was loaded (DNS rebinding) is allowed. An address in place of a name cannot be pointed elsewhere.</param>
/// <remarks>Budget: no allocation per request; enforced by <c>OriginRulesTests</c>.</remarks>
public sealed class OriginRules(IEnumerable<string> allowed, IEnumerable<string> ownHosts)
{
    private readonly byte[][] _allowed = [.. allowed.Select(Encoding.UTF8.GetBytes)];
    private readonly byte[][] _ownHosts = [.. ownHosts.Select(Encoding.UTF8.GetBytes)];

    /// <summary>
    /// True without an <c>Origin</c>, for a listed one, and for a page of the host that the request names, whatever its scheme and port: the gateway has
    /// pages of its own at another port.
    /// </summary>
    public bool Allows(in HandshakeRequest request)
    {
        if (!request.Has(KnownHeader.Origin))
        {
            return true;
        }

        foreach (byte[] origin in _allowed)
        {
            if (origin.AsSpan().SequenceEqual("*"u8) || (!request.IsRepeated(KnownHeader.Origin) && Ascii.EqualsIgnoreCase(origin, request.Origin)))
            {
                return true;
            }
        }

        return !request.IsRepeated(KnownHeader.Origin) && IsOfHost(request.Origin, request.Header(KnownHeader.Host));
    }

    // origin = scheme "://" host [ ":" port ] (RFC 6454 section 6.2). "null" has no host.
    private bool IsOfHost(ReadOnlySpan<byte> origin, ReadOnlySpan<byte> host)
    {
        int scheme = origin.IndexOf("://"u8);
        return scheme > 0
            && HostOf(origin[(scheme + 3)..]) is { IsEmpty: false } name
            && Ascii.EqualsIgnoreCase(name, HostOf(host))
            && (_ownHosts.Length == 0 || IPAddress.IsValidUtf8(name) || IsOwn(name));
    }

    private bool IsOwn(ReadOnlySpan<byte> name)
    {
        foreach (byte[] own in _ownHosts)
        {
            if (Ascii.EqualsIgnoreCase(own, name))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Without the port; an IPv6 address keeps its brackets.</summary>
    private static ReadOnlySpan<byte> HostOf(ReadOnlySpan<byte> authority)
    {
        int end = authority.IndexOf((byte)']') + 1;
        int colon = authority[end..].IndexOf((byte)':');
        return colon < 0 ? authority : authority[..(end + colon)];
    }
}
