namespace FastGate.Limits;

/// <summary>
/// How often something may happen. What is counted is one number for each source: the time until which its events are paid for. An event moves it on by one
/// interval, and is refused when it would lie further ahead than the burst. A source that was quiet needs no entry to be forgotten.
/// </summary>
/// <param name="IntervalUs">Microseconds of one event; 0 for no limit.</param>
/// <param name="BurstUs">How far ahead events may be paid for.</param>
internal readonly record struct Pace(long IntervalUs, long BurstUs)
{
    /// <param name="count">Events in <paramref name="window"/>; 0 for no limit.</param>
    /// <param name="window">The time over which they are averaged.</param>
    /// <param name="burst">Events that may come at once.</param>
    public static Pace Of(int count, TimeSpan window, long burst)
    {
        long intervalUs = count == 0 ? 0 : Math.Max(1, (long)(window.TotalMicroseconds / count));
        return new Pace(intervalUs, intervalUs * burst);
    }

    public bool IsOff => IntervalUs == 0;

    public bool HasRoom(long paidUs, long nowUs) => IsOff || Math.Max(paidUs, nowUs) + IntervalUs - nowUs <= BurstUs;

    /// <summary>
    /// Pays for one event in both rows of a table; the smaller number counts, because other sources share each place. Two threads that pay at the same
    /// instant may pay once: an error of one event.
    /// </summary>
    public bool TryPay(ref long first, ref long second, long nowUs)
    {
        long paid = Math.Min(Volatile.Read(ref first), Volatile.Read(ref second));
        if (!HasRoom(paid, nowUs))
        {
            return false;
        }

        long next = Math.Max(paid, nowUs) + IntervalUs;
        Raise(ref first, next);
        Raise(ref second, next);
        return true;
    }

    /// <summary>Charges events that were not asked for, up to the burst.</summary>
    public void Charge(ref long first, ref long second, long nowUs, int events)
    {
        long paid = Math.Min(Volatile.Read(ref first), Volatile.Read(ref second));
        long next = Math.Min(Math.Max(paid, nowUs) + (IntervalUs * events), nowUs + BurstUs);
        Raise(ref first, next);
        Raise(ref second, next);
    }

    private static void Raise(ref long place, long next)
    {
        if (Volatile.Read(ref place) < next)
        {
            Volatile.Write(ref place, next);
        }
    }
}
