namespace FastGate.Protocol.Tests.Framing;

/// <summary>Counts the bytes that an action allocates on this thread after warm-up.</summary>
internal static class Allocations
{
    /// <summary>
    /// The minimum of three rounds: the garbage collector may trim the shared pool between rounds, and arrays rented again are not an allocation of
    /// the action.
    /// </summary>
    public static long Of(Action action)
    {
        Run(action, 50);
        long minimum = long.MaxValue;
        for (int round = 0; round < 3; round++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            Run(action, 200);
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
