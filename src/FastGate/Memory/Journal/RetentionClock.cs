namespace FastGate.Memory.Journal;

/// <summary>
/// The time that retention may rely on: it advances with the monotonic clock. A step of the wall clock counts only after it has lasted for
/// <paramref name="interval"/>, because deleted exchanges cannot be restored. One thread at a time.
/// </summary>
internal sealed class RetentionClock(TimeProvider time, TimeSpan interval)
{
    /// <summary>A smaller difference between the two clocks is no step.</summary>
    private static readonly TimeSpan s_tolerance = TimeSpan.FromMinutes(1);

    private DateTimeOffset _trusted;
    private long _readAt;
    private bool _started;

    // A step that has not lasted long enough yet: the difference between the clocks, and when it was first seen.
    private TimeSpan _step;
    private long _stepSeenAt;

    /// <summary>
    /// Starts at the wall clock. When everything stored by <paramref name="lastStored"/> (null: unknown) would be older than
    /// <paramref name="keep"/>, a wrong clock is as likely as a long stop: then the wall clock counts as a step.
    /// </summary>
    public void Start(DateTimeOffset? lastStored, TimeSpan keep)
    {
        if (_started)
        {
            return;
        }

        _started = true;
        _readAt = time.GetTimestamp();
        _trusted = time.GetUtcNow();
        if (lastStored is { } last && _trusted - last > keep)
        {
            _trusted = last;
        }
    }

    /// <summary>Never ahead of the wall clock, so that an exchange stored now is not old.</summary>
    public DateTimeOffset Read()
    {
        long now = time.GetTimestamp();
        DateTimeOffset wall = time.GetUtcNow();
        _trusted += time.GetElapsedTime(_readAt, now);
        _readAt = now;
        TimeSpan step = wall - _trusted;
        if (step.Duration() <= s_tolerance)
        {
            _step = TimeSpan.Zero;
        }
        else if ((step - _step).Duration() > s_tolerance)
        {
            _step = step;
            _stepSeenAt = now;
        }
        else if (time.GetElapsedTime(_stepSeenAt, now) >= interval)
        {
            _trusted = wall;
            _step = TimeSpan.Zero;
        }

        return wall < _trusted ? wall : _trusted;
    }
}
