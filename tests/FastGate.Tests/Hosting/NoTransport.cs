using System.Net;
using FastGate.Transport;
using Microsoft.AspNetCore.Connections;

namespace FastGate.Tests.Hosting;

/// <summary>A transport without sockets: the harness connects its devices in memory.</summary>
internal sealed class NoTransport(TaskCompletionSource unbound) : ITransport
{
    public EndPoint EndPoint { get; } = new IPEndPoint(IPAddress.Loopback, 0);

    public int ConnectionCount => 0;

    public ValueTask BindAsync(IPEndPoint endPoint, CancellationToken cancellationToken) => ValueTask.CompletedTask;

    public void Start(ConnectionDelegate connectionDelegate)
    {
    }

    public ValueTask UnbindAsync(CancellationToken cancellationToken)
    {
        unbound.TrySetResult();
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
