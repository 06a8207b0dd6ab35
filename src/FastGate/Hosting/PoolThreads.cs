namespace FastGate.Hosting;

/// <summary>
/// Starts the threads of the pool before a listener opens. A thread that starts needs descriptors for a moment, and the runtime ends the process
/// when there are none, so clients that hold descriptors must not decide whether the pool's first threads can start. The runtime setting
/// ThreadsToKeepAlive keeps these threads when they are idle.
/// </summary>
internal static class PoolThreads
{
    /// <summary>The same number as ThreadsToKeepAlive in the project file; the pool adds more for work that waits.</summary>
    public const int Count = 2;

    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(5);

    /// <summary>Returns when all of them run; after a time limit the start goes ahead without them.</summary>
    public static void Start()
    {
        // On one processor the pool starts one thread at once and the next ones only after a second.
        ThreadPool.GetMinThreads(out int workers, out int completionPorts);
        if (workers < Count)
        {
            ThreadPool.SetMinThreads(Count, completionPorts);
        }

        // Each item occupies a thread until all have one. Not disposed: an item may still use it.
        var running = new CountdownEvent(Count);
        for (int i = 0; i < Count; i++)
        {
            ThreadPool.UnsafeQueueUserWorkItem(
                static running =>
                {
                    running.Signal();
                    running.Wait(s_limit);
                },
                running,
                preferLocal: false);
        }

        running.Wait(s_limit);
    }
}
