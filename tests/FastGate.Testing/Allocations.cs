namespace FastGate.Testing;

/// <summary>Counts the bytes that an action allocates on this thread after warm-up.</summary>
public static class Allocations
{
    /// <summary>
    /// The minimum of several rounds, because others than the action add to a round: the runtime compiles a method again on this thread, and the
    /// garbage collector trims the shared pool.
    /// </summary>
    public static long Of(Action action, int times = 200)
    {
        Run(action, Math.Min(times, 50));
        long minimum = long.MaxValue;
        for (int round = 0; round < 5 && minimum != 0; round++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            Run(action, times);
            minimum = Math.Min(minimum, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        return minimum;
    }

    private static void Run(Action action, int times)
    {
        for (int i = 0; i < times; i++)
        {
            action();
        }
    }
}
