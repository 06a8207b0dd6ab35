using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace FastGate.Http.Server;

/// <summary>One HTTP listener and what it serves. Listeners share the server and nothing of each other's routes.</summary>
internal sealed record HttpListenerDefinition(string Name, IPEndPoint Listen, Action<IEndpointRouteBuilder> Map)
{
    /// <summary>Sees every request of the door before its routes do.</summary>
    public Func<RequestDelegate, RequestDelegate>? Guard { get; init; }

    /// <summary>Connections at once; the next one is closed unanswered. Each door has its own, so that a crowd at one never locks the other.</summary>
    public int MaxConnections { get; init; } = 1_000;
}
