using System.Net;
using FastGate.Peers;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace FastGate.Http.Server;

/// <summary>One HTTP listener: its address and what it serves. Listeners share the server and no routes.</summary>
internal sealed record HttpListenerOptions(string Name, IPEndPoint Listen, Action<IEndpointRouteBuilder> Map)
{
    /// <summary>Which peers report the client's address.</summary>
    public PeerRules? Peers { get; init; }

    /// <summary>Middleware that sees every request of the listener before its routes do.</summary>
    public Func<RequestDelegate, RequestDelegate>? Guard { get; init; }

    /// <summary>Gets the connections and requests that were meant for another port; null for none.</summary>
    public MisdirectedRequests? Misdirected { get; init; }

    /// <summary>Serves clients that begin with TLS; null for plain connections only.</summary>
    public HttpTls? Tls { get; init; }

    /// <summary>Open connections. Each listener has its own limit: load on one never blocks the other.</summary>
    public int MaxConnections { get; init; } = 1_000;

    /// <summary>How long a new connection may send nothing.</summary>
    public TimeSpan FirstByteTimeout { get; init; } = TimeSpan.FromSeconds(5);
}
