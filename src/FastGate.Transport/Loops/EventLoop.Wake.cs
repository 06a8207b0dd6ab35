using FastGate.Transport.Linux;

namespace FastGate.Transport.Loops;

/// <summary>Waking the loop from any thread: one write for each of its sleeps.</summary>
internal sealed partial class EventLoop
{
    // Any thread.
    private int _wakers;
    private long _wakes;
    private volatile bool _isEnded;

    /// <summary>Any thread. Number of wake-ups through the eventfd.</summary>
    public long Wakes => Volatile.Read(ref _wakes);

    private void Wake()
    {
        if (Volatile.Read(ref _sleeping) != 0 && Interlocked.Exchange(ref _sleeping, 0) != 0)
        {
            Interlocked.Increment(ref _wakes);
            WriteWake();
        }
    }

    /// <summary>The thread that has cleared <c>_sleeping</c> owes the loop this write: no other thread makes it.</summary>
    private void WriteWake()
    {
        // Full fence: either EndWakes sees this thread, or this thread sees that the loop has ended.
        Interlocked.Increment(ref _wakers);
        int result = _isEnded ? 0 : LinuxEpoll.WriteEvent(_wakeEvent);
        Interlocked.Decrement(ref _wakers);
        if (result < 0)
        {
            OnWakeFailed(result);
        }
    }

    /// <summary>
    /// Only a defect makes the write fail. What the loop has to do must not wait for the next event of a connection: the write is repeated after a pause, on
    /// the pool, because the caller may be another loop, which must not block.
    /// </summary>
    private void OnWakeFailed(int error)
    {
        Report(new IOException($"write of an eventfd: {LinuxError.Describe(error)}"));
        ThreadPool.UnsafeQueueUserWorkItem(
            static loop =>
            {
                Thread.Sleep(s_pauseAfterFailedCall);
                loop.WriteWake();
            },
            this,
            preferLocal: false);
    }

    /// <summary>After the thread has ended, before the eventfd is closed: no thread may write to the next owner of its number.</summary>
    private void EndWakes()
    {
        _isEnded = true;
        Interlocked.MemoryBarrier();
        var spin = new SpinWait();
        while (Volatile.Read(ref _wakers) != 0)
        {
            spin.SpinOnce();
        }
    }
}
