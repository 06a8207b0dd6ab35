using System.IO.Pipelines;
using Microsoft.AspNetCore.Http.Features;

namespace FastGate.Transport.Loops;

/// <summary>Data that most connections never need; created by the first access, from any thread.</summary>
internal sealed class LoopConnectionExtras
{
    public string? ConnectionId;
    public IFeatureCollection? Features;
    public IDictionary<object, object?>? Items;
    public IDuplexPipe? Transport;

    /// <summary>Why reads fail; the first exception wins.</summary>
    public Exception? Fault;

    /// <summary>The peer's address if it is not IPv4.</summary>
    public System.Net.EndPoint? RemoteEndPoint;

    public CancellationTokenSource? ClosedSource;
    public CancellationToken? ClosedOverride;
}
