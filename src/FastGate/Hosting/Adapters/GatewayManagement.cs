using FastGate.Restart;
using FastGate.Sessions;

namespace FastGate.Hosting.Adapters;

/// <summary>Carries out what a <c>server</c> message asks for. Called on an event loop, so the work itself runs elsewhere.</summary>
internal sealed class GatewayManagement(RestartRequests restart, Func<bool> reload) : IGatewayManagement
{
    public void BeginRestart(Action<string?> report) => restart.Begin(report);

    public void BeginReload(Action<bool> completed) =>
        ThreadPool.UnsafeQueueUserWorkItem(
            static work => work.completed(work.reload()), (completed, reload), preferLocal: false);
}
