using FastGate.Diagnostics;
using Microsoft.Extensions.Logging;

namespace FastGate.Restart;

/// <summary>
/// Carries out a restart: first a successor is there, then this process drains. Without a successor nothing stops, so that a failed
/// restart costs nobody a connection.
/// </summary>
internal sealed class RestartRequests(Action drain, ILogger<RestartRequests> log)
{
    private int _begun;

    /// <summary>Returns at once; a second request while one is under way is ignored.</summary>
    public void Begin()
    {
        if (Interlocked.Exchange(ref _begun, 1) == 0)
        {
            ThreadPool.UnsafeQueueUserWorkItem(static requests => requests.BeginCore(), this, preferLocal: false);
        }
    }

    private void BeginCore()
    {
        if (Successor.IsSupervised)
        {
            HostingLog.ExitForSupervisor(log);
            drain();
            return;
        }

        var spawned = Successor.Start();
        if (spawned.Succeeded)
        {
            HostingLog.SuccessorStarted(log, spawned.ProcessId);
            drain();
        }
        else
        {
            HostingLog.SuccessorFailed(log, spawned.Error);
            Volatile.Write(ref _begun, 0);
        }
    }
}
