using FastGate.Diagnostics;
using FastGate.Registry;
using Microsoft.Extensions.Logging;

namespace FastGate.Cluster;

/// <summary>
/// Visits all connections again and again, at an even pace: what this node holds is claimed again after the engine has lost it, and a connection that
/// was claimed elsewhere ends although the message about it was lost. One loop.
/// </summary>
internal sealed class DirectoryWalk(
    IClaimedConnections connections,
    DeviceDirectory directory,
    EngineLink link,
    ClusterSettings settings,
    ILogger log,
    TimeProvider time)
{
    /// <summary>Connections that may wait for their call before the walk pauses.</summary>
    private const int MostWaiting = 4_096;

    private static readonly TimeSpan s_step = TimeSpan.FromMilliseconds(10);

    private volatile bool _wanted;

    /// <summary>Visits all connections as fast as is good for the engine. Any thread.</summary>
    public void Reconcile() => _wanted = true;

    public async Task RunAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            bool isFast = _wanted;
            _wanted = false;
            long began = time.GetTimestamp();
            int visited = await VisitAsync(isFast, began, stop);
            while (isFast && directory.Waiting > 0 && link.IsUp && !_wanted && !stop.IsCancellationRequested)
            {
                await Task.Delay(s_step, time, CancellationToken.None);
            }

            if (isFast && link.IsUp && !_wanted)
            {
                log.ClusterReconciled(visited, time.GetElapsedTime(began).TotalSeconds);
            }

            await PauseAsync(began, stop);
        }
    }

    private async Task<int> VisitAsync(bool isFast, long began, CancellationToken stop)
    {
        int visited = 0;
        using IEnumerator<IClaimedConnection> enumerator = connections.GetEnumerator();
        while (link.IsUp && !_wanted && !stop.IsCancellationRequested)
        {
            double perSecond = isFast
                ? Math.Max(settings.ReclaimRate, connections.Count / settings.ReclaimAtMost.TotalSeconds)
                : connections.Count / settings.Verify.TotalSeconds;
            int due = (int)(perSecond * (time.GetElapsedTime(began) + s_step).TotalSeconds) - visited;
            for (; due > 0 && directory.Waiting < MostWaiting; due--)
            {
                if (!enumerator.MoveNext())
                {
                    return visited;
                }

                directory.Look(enumerator.Current);
                visited++;
            }

            await Task.Delay(isFast ? s_step : 10 * s_step, time, CancellationToken.None);
        }

        return visited;
    }

    /// <summary>Until the time for all connections has passed, or a walk is wanted.</summary>
    private async Task PauseAsync(long began, CancellationToken stop)
    {
        do
        {
            await Task.Delay(10 * s_step, time, CancellationToken.None);
        }
        while (!stop.IsCancellationRequested && !_wanted && time.GetElapsedTime(began) < settings.Verify);
    }
}
