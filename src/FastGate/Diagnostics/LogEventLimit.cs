namespace FastGate.Diagnostics;

/// <summary>
/// Lets <paramref name="perSecond"/> (at most 255) lines of one event pass in each second of the monotonic clock, and reports the number of the
/// others once the second is over. Any thread, no lock.
/// </summary>
internal sealed class LogEventLimit(int perSecond, TimeProvider time, Action<long> report) : IDisposable
{
    private const int CountBits = 8;

    // The current second in the upper bits, the lines that passed in it in the lower ones.
    private long _window;
    private long _leftOut;
    private ITimer? _timer;
    private bool _disposed;

    public bool TryTake()
    {
        long second = (time.GetTimestamp() / time.TimestampFrequency) + 1;
        long window = Volatile.Read(ref _window);
        while (true)
        {
            bool same = window >> CountBits == second;
            if (same && (window & ((1 << CountBits) - 1)) >= perSecond)
            {
                LeaveOut();
                return false;
            }

            long before = Interlocked.CompareExchange(ref _window, same ? window + 1 : (second << CountBits) | 1, window);
            if (before == window)
            {
                return true;
            }

            window = before;
        }
    }

    /// <summary>Reports what was not reported yet.</summary>
    public void Dispose()
    {
        Volatile.Write(ref _disposed, true);
        Volatile.Read(ref _timer)?.Dispose();
        Report();
    }

    // The first line left out starts the timer, the report makes the next one the first again.
    private void LeaveOut()
    {
        if (Interlocked.Increment(ref _leftOut) == 1 && !Volatile.Read(ref _disposed))
        {
            ITimer timer = time.CreateTimer(static state => ((LogEventLimit)state!).Report(), this, TimeSpan.FromSeconds(1), Timeout.InfiniteTimeSpan);
            Interlocked.Exchange(ref _timer, timer)?.Dispose();
        }
    }

    private void Report()
    {
        long leftOut = Interlocked.Exchange(ref _leftOut, 0);
        if (leftOut > 0)
        {
            report(leftOut);
        }
    }
}
