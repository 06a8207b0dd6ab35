using FastGate.Diagnostics;
using Microsoft.Extensions.Logging;

namespace FastGate.Hosting;

/// <summary>
/// Gives memory back after devices have left. A gateway without traffic allocates nothing, so the collector would never run by itself and
/// what a crowd took would stay resident for ever.
/// </summary>
/// <remarks>
/// The collection stops the loops, for the time it takes to look at those who are still there: it waits until most have gone and the leaving
/// has come to rest. State belongs to the one watching task.
/// </remarks>
internal sealed class IdleMemory(Func<long> connections, Action collect, ILogger<IdleMemory> log)
{
    /// <summary>Fewer than these are not worth a pause.</summary>
    public const int WorthwhileLeavers = 256;

    private static readonly TimeSpan s_every = TimeSpan.FromSeconds(5);

    private long _most;
    private long _lastSeen;

    /// <summary>Collects everything, compacts, and returns what is free to the system.</summary>
    public static void CollectNow() => GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);

    public async Task WatchAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(s_every);
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken))
            {
                Poll();
            }
        }
        catch (OperationCanceledException)
        {
            // The gateway stops.
        }
    }

    /// <summary>One look; true when it gave memory back.</summary>
    public bool Poll()
    {
        long open = connections();
        bool resting = open >= _lastSeen;
        _lastSeen = open;
        _most = Math.Max(_most, open);
        if (!resting || open > _most / 2 || _most - open < WorthwhileLeavers)
        {
            return false;
        }

        log.GivingMemoryBack(_most - open);
        _most = open;
        collect();
        return true;
    }
}
