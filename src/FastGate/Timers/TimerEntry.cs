namespace FastGate.Timers;

/// <summary>
/// The intrusive node of the timer wheel: whoever has deadlines derives from it, so that arming one allocates nothing.
/// One entry carries the nearest of its owner's deadlines.
/// </summary>
internal abstract class TimerEntry
{
    /// <summary>No deadline.</summary>
    public const long Never = long.MaxValue;

    internal const long NotFiled = -1;

    // Owned by the timer thread: where the entry is filed. 24 of the 40 bytes that an entry costs.
    internal TimerEntry? _nextInBucket;
    internal TimerEntry? _previousInBucket;
    internal long _dueTick = NotFiled;

    // Owned by TimerIntake. The link is written by whoever set the queued flag, and read by the timer thread before it
    // clears the flag; the state is only changed by interlocked operations.
    internal TimerEntry? _nextInQueue;
    internal int _state;

    /// <summary>
    /// The nearest deadline, in milliseconds of <see cref="GatewayClock"/>. Read by the timer thread when the entry's bucket
    /// comes round; a deadline that has moved away since re-files the entry, which is why activity costs its owner one store.
    /// </summary>
    protected internal abstract long NextDeadline { get; }

    /// <summary>
    /// The deadline has passed. Runs on the timer thread, never early, at most one tick late. It may only ask the owner to
    /// act: it must not block, throw or touch what a loop owns. Afterwards the entry is filed again by <see cref="NextDeadline"/>,
    /// at the earliest on the next tick. Activity at this very moment may have moved the deadline away again: the owner looks once more.
    /// </summary>
    protected internal abstract void OnDeadline(long nowMs);
}
