using FastGate.Restart;
using FastGate.Sessions;

namespace FastGate.Hosting;

/// <summary>What a <c>server</c> message sets in motion. Both calls come from a loop: neither does any of the work there.</summary>
internal sealed class GatewayManagement(RestartRequests restart, Func<bool> reload) : IGatewayManagement
{
    public void BeginRestart(Action<string?> report) => restart.Begin(report);

    public void BeginReload(Action<bool> completed) =>
        ThreadPool.UnsafeQueueUserWorkItem(
            static work => work.completed(work.reload()), (completed, reload), preferLocal: false);
}
