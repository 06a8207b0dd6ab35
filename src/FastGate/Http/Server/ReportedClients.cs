using System.Net;
using System.Text;
using FastGate.Fleet;
using FastGate.Peers;
using FastGate.Protocol.Proxies;
using FastGate.Transport.Addresses;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace FastGate.Http.Server;

/// <summary>Gives a request that comes through trusted proxies the address of its client. It is the first middleware of a listener.</summary>
internal sealed class ReportedClients(PeerRules peers)
{
    private static readonly (string Name, ReportedHeader Header)[] s_headers =
        [("X-Forwarded-For", ReportedHeader.XForwardedFor), ("X-Real-IP", ReportedHeader.XRealIp), ("Forwarded", ReportedHeader.Forwarded)];

    public RequestDelegate Wrap(RequestDelegate next) => context =>
    {
        ConnectionInfo connection = context.Connection;
        if (connection.RemoteIpAddress is { } peer && peers.IsProxy(AddressRange.ValueOf(peer)) && Find(context.Request, AddressRange.ValueOf(peer)) is { } client)
        {
            (connection.RemoteIpAddress, connection.RemotePort) = (client, 0);
        }

        return next(context);
    };

    private IPAddress? Find(HttpRequest request, UInt128 peer)
    {
        foreach ((string name, ReportedHeader header) in s_headers)
        {
            if (request.Headers.TryGetValue(name, out StringValues values))
            {
                var nodes = new ReportedNodes(Encoding.UTF8.GetBytes(values.ToString()), header);
                return peers.TryFindClient(peer, nodes, out UInt128 client) ? RemoteAddress.EndPointOf(client, port: 0).Address : null;
            }
        }

        return null;
    }
}
