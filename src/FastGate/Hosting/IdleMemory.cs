using FastGate.Diagnostics;
using Microsoft.Extensions.Logging;

namespace FastGate.Hosting;

/// <summary>
/// Returns memory to the system after many devices have disconnected. A gateway without traffic allocates nothing, so the garbage collector
/// would not run by itself, and the memory of past connections would stay resident.
/// </summary>
/// <remarks>
/// The collection pauses the event loops for a time that grows with the remaining connections, so it waits until most are gone and no more
/// disconnect. The state belongs to the one watching task.
/// </remarks>
internal sealed class IdleMemory(Func<long> connections, Action collect, CompilerMemory compiler, ILogger<IdleMemory> log)
{
    /// <summary>Fewer disconnected devices are not worth a pause.</summary>
    public const int MinDisconnected = 256;

    private static readonly TimeSpan s_every = TimeSpan.FromSeconds(5);

    private long _most;
    private long _lastSeen;

    /// <summary>Collects everything, compacts, and returns the free memory to the system.</summary>
    public static void CollectNow() => GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);

    public async Task WatchAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(s_every);
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken))
            {
                Poll();
                compiler.Poll();
            }
        }
        catch (OperationCanceledException)
        {
            // The gateway stops.
        }
    }

    /// <summary>True when it collected.</summary>
    public bool Poll()
    {
        long open = connections();
        bool isStable = open >= _lastSeen;
        _lastSeen = open;
        _most = Math.Max(_most, open);
        if (!isStable || open > _most / 2 || _most - open < MinDisconnected)
        {
            return false;
        }

        log.GivingMemoryBack(_most - open);
        _most = open;
        collect();
        return true;
    }
}
