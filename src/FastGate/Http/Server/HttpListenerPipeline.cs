using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;

namespace FastGate.Http.Server;

/// <summary>
/// The connection limit and the request pipeline of an open listener. Each connection carries it as a feature, so that a request is served by the
/// listener that accepted it: the host name and port in the request are the client's choice.
/// </summary>
internal sealed class HttpListenerPipeline(HttpListenerOptions listener, RequestDelegate handler)
{
    private int _connections;

    public string Name => listener.Name;

    public RequestDelegate Handler => handler;

    public ConnectionDelegate Limit(ConnectionDelegate next) => async connection =>
    {
        try
        {
            if (Interlocked.Increment(ref _connections) > listener.MaxConnections)
            {
                connection.Abort();
                return;
            }

            connection.Features.Set(this);
            await next(connection);
        }
        finally
        {
            Interlocked.Decrement(ref _connections);
        }
    };
}
