namespace FastGate.Tests.Registry;

/// <summary>Runs threads with a shared barrier and fails the test when one of them throws.</summary>
internal static class RacingThreads
{
    public static void Run(int count, Action<int, Barrier> action, Action? afterEachPhase = null)
    {
        using var barrier = new Barrier(count, _ => afterEachPhase?.Invoke());
        var failures = new Exception?[count];
        Thread[] threads = [.. Enumerable.Range(0, count).Select(i => new Thread(() => failures[i] = Guarded(i)) { IsBackground = true })];
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => thread.Join());
        Assert.All(failures, Assert.Null);

        Exception? Guarded(int index)
        {
            try
            {
                action(index, barrier);
                return null;
            }
            catch (Exception e)
            {
                // The other threads must not wait for this one.
                barrier.RemoveParticipant();
                return e;
            }
        }
    }
}
