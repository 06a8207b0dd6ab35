using FastGate.Diagnostics;
using Microsoft.Extensions.Logging;

namespace FastGate.Restart;

/// <summary>
/// Carries out a restart: first a successor is there, then this process drains. Without a successor nothing stops, so that a failed
/// restart costs nobody a connection.
/// </summary>
internal sealed class RestartRequests(Action drain, Func<SpawnResult> startSuccessor, ILogger<RestartRequests> log)
{
    private int _begun;

    /// <summary>Returns at once; a second request while one is under way is ignored.</summary>
    public void Begin()
    {
        if (Interlocked.Exchange(ref _begun, 1) == 0)
        {
            ThreadPool.UnsafeQueueUserWorkItem(static requests => requests.HandOver(), this, preferLocal: false);
        }
    }

    /// <summary>Nothing escapes: an exception on the pool ends the process, and when descriptors are short anything may fail.</summary>
    private void HandOver()
    {
        try
        {
            HandOverCore();
        }
        catch (Exception exception)
        {
            HostingLog.RestartFailed(log, exception);
            Volatile.Write(ref _begun, 0);
        }
    }

    private void HandOverCore()
    {
        if (Successor.IsSupervised)
        {
            HostingLog.ExitForSupervisor(log);
            drain();
            return;
        }

        var spawned = startSuccessor();
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
