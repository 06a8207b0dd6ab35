using System.IO.Pipelines;
using Microsoft.AspNetCore.Http.Features;

namespace FastGate.Transport.Loops;

/// <summary>What most connections never ask for; made at the first question. Any thread may be the one to ask.</summary>
internal sealed class LoopConnectionExtras
{
    public string? ConnectionId;
    public IFeatureCollection? Features;
    public IDictionary<object, object?>? Items;
    public IDuplexPipe? Transport;

    /// <summary>Why reads fail; the first reason stays.</summary>
    public Exception? Fault;

    /// <summary>The peer's address where it is not one of IPv4.</summary>
    public System.Net.EndPoint? RemoteEndPoint;

    public CancellationTokenSource? ClosedSource;
    public CancellationToken? ClosedOverride;
}
