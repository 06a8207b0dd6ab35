namespace FastGate.Protocol.Tests.Framing;

/// <summary>Counts the managed bytes that an action costs on this thread once it is warm.</summary>
internal static class Allocations
{
    /// <summary>
    /// The least of three rounds: the collector may trim the shared pool between two of them, and what is rented anew then is
    /// not the action's own cost.
    /// </summary>
    public static long Of(Action action)
    {
        Run(action, 50);
        long least = long.MaxValue;
        for (int round = 0; round < 3; round++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            Run(action, 200);
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        return least;
    }

    private static void Run(Action action, int times)
    {
        for (int i = 0; i < times; i++)
        {
            action();
        }
    }
}
