namespace FastGate.Testing.Conversation;

/// <summary>A clock that a test moves by hand; due timers fire on the thread that moves it, in order.</summary>
internal sealed class ManualTimeProvider : TimeProvider
{
    private readonly Lock _lock = new();
    private readonly List<ManualTimer> _timers = [];
    private DateTimeOffset _now = new(2026, 11, 23, 8, 30, 0, TimeSpan.Zero);
    private TimeSpan _wallClockStep;

    /// <summary>Timers armed or re-armed so far; a test waits for them before it moves the clock.</summary>
    public CountSignal Armed { get; } = new();

    // Counts everything that may change the next timer: arm, disarm, dispose.
    private readonly CountSignal _changes = new();

    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow()
    {
        lock (_lock)
        {
            return _now + _wallClockStep;
        }
    }

    public override long GetTimestamp() => Monotonic.Ticks;

    private DateTimeOffset Monotonic
    {
        get
        {
            lock (_lock)
            {
                return _now;
            }
        }
    }

    /// <summary>Sets the wall clock ahead or back, as an administrator does; timers and timestamps do not notice.</summary>
    public void StepWallClock(TimeSpan by)
    {
        lock (_lock)
        {
            _wallClockStep += by;
        }
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new ManualTimer(this, callback, state);
        lock (_lock)
        {
            _timers.Add(timer);
        }

        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>
    /// Waits until the next timer is due in exactly this time. When a test's timers differ in length, this identifies the timer, and shows that
    /// the code under test has armed it.
    /// </summary>
    public async Task NextDueInAsync(TimeSpan wait)
    {
        while (true)
        {
            int seen = _changes.Value;
            lock (_lock)
            {
                if (_timers.Count > 0 && _timers.Min(static timer => timer.Due) == _now + wait)
                {
                    return;
                }
            }

            await _changes.ReachAsync(seen + 1);
        }
    }

    /// <summary>Waits for the next timer as <see cref="NextDueInAsync"/> does, then moves the clock to it.</summary>
    public async Task TurnToNextAsync(TimeSpan wait)
    {
        await NextDueInAsync(wait);
        Turn(wait);
    }

    public void Turn(TimeSpan by)
    {
        DateTimeOffset until = Monotonic + by;
        while (true)
        {
            ManualTimer? due;
            lock (_lock)
            {
                due = _timers.Where(timer => timer.Due <= until).MinBy(timer => timer.Due);
                if (due is null)
                {
                    _now = until;
                    return;
                }

                _now = due.Due > _now ? due.Due : _now;
                due.Due = due.Period > TimeSpan.Zero ? _now + due.Period : DateTimeOffset.MaxValue;
            }

            due.Fire();
        }
    }

    private sealed class ManualTimer(ManualTimeProvider owner, TimerCallback callback, object? state) : ITimer
    {
        public DateTimeOffset Due { get; set; } = DateTimeOffset.MaxValue;

        /// <summary>Not positive for a timer that fires once.</summary>
        public TimeSpan Period { get; private set; }

        public void Fire() => callback(state);

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (owner._lock)
            {
                Period = period;
                Due = dueTime == Timeout.InfiniteTimeSpan ? DateTimeOffset.MaxValue : owner._now + dueTime;
            }

            if (dueTime != Timeout.InfiniteTimeSpan)
            {
                owner.Armed.Increment();
            }

            owner._changes.Increment();

            return true;
        }

        public void Dispose()
        {
            lock (owner._lock)
            {
                owner._timers.Remove(this);
            }

            owner._changes.Increment();
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
