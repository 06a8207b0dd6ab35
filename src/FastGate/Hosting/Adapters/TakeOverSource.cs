using FastGate.HandOver;
using FastGate.Restart.TakeOver;
using FastGate.Transport;

namespace FastGate.Hosting.Adapters;

/// <summary>This server, from which another process takes over.</summary>
/// <param name="handOver">Detaches the connections and serves them again.</param>
/// <param name="transport">Counts them.</param>
/// <param name="listeners">The listening sockets.</param>
/// <param name="databaseLock">The descriptor of the lock; -1 for none.</param>
internal sealed class TakeOverSource(GatewayHandOver handOver, ITransport transport, GatewayListeners listeners, Func<int> databaseLock) : ITakeOverSource
{
    /// <summary>The name under which the lock of the database is passed.</summary>
    public const string DatabaseName = "database";

    public int Connections => transport.ConnectionCount;

    public IReadOnlyList<ListenerState> Listeners =>
        [.. listeners.Sockets, new ListenerState(DatabaseName, databaseLock() is >= 0 and int descriptor ? [descriptor] : [])];

    public Task<DetachedGateway> DetachAsync(CancellationToken stop) => handOver.DetachAsync(stop);

    public Task ResumeAsync(GatewayState state)
    {
        handOver.Resume(state.Connections);
        return Task.CompletedTask;
    }
}
