namespace FastGate.Memory;

/// <summary>
/// Hands out turn ids: milliseconds since 1970 in the upper bits, so that they grow across restarts without asking the store, even
/// while it cannot be opened. The lower twenty bits start at a number drawn per process, because at a restart the old process
/// may still be finishing turns while the new one begins. Any thread.
/// </summary>
internal sealed class ExchangeIds(TimeProvider time)
{
    private const int LowBits = 20;

    // An id this close to the end can only come from a tampered file; following it would run out of numbers.
    private const long Credible = long.MaxValue - (1L << 40);

    private readonly long _salt = Random.Shared.NextInt64(1L << LowBits);
    private long _last;

    public long Next()
    {
        long fromClock = (time.GetUtcNow().ToUnixTimeMilliseconds() << LowBits) | _salt;
        long last = Volatile.Read(ref _last);
        while (true)
        {
            long next = Math.Max(fromClock, last + 1);
            long seen = Interlocked.CompareExchange(ref _last, next, last);
            if (seen == last)
            {
                return next;
            }

            last = seen;
        }
    }

    /// <summary>Ids handed out from now on are greater than this one; a clock that was set back must not reuse or undercut ids.</summary>
    public void StartAfter(long id)
    {
        if (id > Credible)
        {
            return;
        }

        long last = Volatile.Read(ref _last);
        while (last < id)
        {
            long seen = Interlocked.CompareExchange(ref _last, id, last);
            if (seen == last)
            {
                return;
            }

            last = seen;
        }
    }
}
