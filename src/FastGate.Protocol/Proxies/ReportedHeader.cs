namespace FastGate.Protocol.Proxies;

/// <summary>
/// The headers by which a proxy reports the client, in the order of their priority. The first that is present counts: most proxies set
/// <c>X-Forwarded-For</c> and pass a <c>Forwarded</c> of the client on unchanged.
/// </summary>
public enum ReportedHeader
{
    /// <summary><c>X-Forwarded-For</c>: a list of addresses, the nearest last.</summary>
    XForwardedFor,

    /// <summary><c>X-Real-IP</c>: one address.</summary>
    XRealIp,

    /// <summary><c>Forwarded</c> (RFC 7239): a list of elements, the nearest last.</summary>
    Forwarded,
}
