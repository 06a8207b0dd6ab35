namespace FastGate.Memory.Journal;

/// <summary>
/// Creates exchange ids: milliseconds since 1970 in the upper bits, so that ids grow across restarts even while the store cannot be
/// opened. The lower 20 bits start at a random number per process, because at a restart the old process may still finish exchanges
/// while the new one begins. Any thread.
/// </summary>
internal sealed class ExchangeIds(TimeProvider time)
{
    private const int LowBits = 20;

    // An id this close to the maximum can only come from a modified file; following it would exhaust the numbers.
    private const long MaxPlausible = long.MaxValue - (1L << 40);

    private readonly long _salt = Random.Shared.NextInt64(1L << LowBits);
    private readonly Lock _gate = new();
    private long _last;

    /// <summary>When the id was created; null for one that this class does not create.</summary>
    public static DateTimeOffset? TimeOf(long id) =>
        id is >= 1L << (LowBits + 32) and <= MaxPlausible ? DateTimeOffset.FromUnixTimeMilliseconds(id >> LowBits) : null;

    /// <summary>No id that was created in this millisecond is greater; 0 for the time 0.</summary>
    public static long LastOf(long milliseconds) => milliseconds <= 0 ? 0 : ((milliseconds + 1) << LowBits) - 1;

    public long Next()
    {
        long fromClock = (time.GetUtcNow().ToUnixTimeMilliseconds() << LowBits) | _salt;
        lock (_gate)
        {
            return _last = Math.Max(fromClock, _last + 1);
        }
    }

    /// <summary>Ids created from now on are greater than this one, also when the clock was set back.</summary>
    public void StartAfter(long id)
    {
        lock (_gate)
        {
            _last = id <= MaxPlausible ? Math.Max(_last, id) : _last;
        }
    }
}
