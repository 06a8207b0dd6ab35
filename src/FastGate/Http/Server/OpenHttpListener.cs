using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;

namespace FastGate.Http.Server;

/// <summary>
/// A door while it is open. Rides on each connection it accepted, which is what a request is told apart by: the host name and
/// port a client writes into its request are the client's own words.
/// </summary>
internal sealed class OpenHttpListener(HttpListenerDefinition door, RequestDelegate pipeline)
{
    private int _connections;

    public HttpListenerDefinition Door => door;

    public RequestDelegate Pipeline => pipeline;

    public int Connections => Volatile.Read(ref _connections);

    public ConnectionDelegate Admit(ConnectionDelegate next) => async connection =>
    {
        if (Interlocked.Increment(ref _connections) > door.MaxConnections)
        {
            Interlocked.Decrement(ref _connections);
            connection.Abort();
            return;
        }

        try
        {
            connection.Features.Set(this);
            await next(connection);
        }
        finally
        {
            Interlocked.Decrement(ref _connections);
        }
    };

    public override string ToString() => $"{door.Name} at {new IPEndPoint(door.Listen.Address, door.Listen.Port)}";
}
