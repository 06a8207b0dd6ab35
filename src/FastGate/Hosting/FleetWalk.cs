namespace FastGate.Hosting;

/// <summary>
/// Does something to many devices at a bounded rate. The devices are enumerated while it runs and never collected; a number of walks may run at once, and
/// another one is refused.
/// </summary>
internal sealed class FleetWalk(TimeProvider time, CancellationToken stop)
{
    public const int MaxWalks = 8;

    // The devices of one slice are done at once.
    private static readonly TimeSpan s_slice = TimeSpan.FromMilliseconds(20);

    private int _running;

    /// <summary>Walks in progress.</summary>
    public int Running => Volatile.Read(ref _running);

    /// <summary>False when too many walks are in progress. The task completes when the walk has ended.</summary>
    public bool TryStart<T>(IEnumerable<T> devices, int perSecond, Action<T> act, out Task walk)
    {
        walk = Task.CompletedTask;
        if (Interlocked.Increment(ref _running) > MaxWalks)
        {
            Interlocked.Decrement(ref _running);
            return false;
        }

        walk = WalkAsync(devices, perSecond, act);
        return true;
    }

    private async Task WalkAsync<T>(IEnumerable<T> devices, int perSecond, Action<T> act)
    {
        try
        {
            long started = time.GetTimestamp();
            long done = 0;
            foreach (T device in devices)
            {
                // The first slice may begin at once.
                while (done >= 1 + ((time.GetElapsedTime(started) + s_slice).TotalSeconds * perSecond))
                {
                    await Task.Delay(s_slice, time, stop);
                }

                act(device);
                done++;
            }
        }
        catch (OperationCanceledException)
        {
            // The server ends, and so do the connections.
        }
        finally
        {
            Interlocked.Decrement(ref _running);
        }
    }
}
