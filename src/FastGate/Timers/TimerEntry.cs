using FastGate.Transport.Concurrency;

namespace FastGate.Timers;

/// <summary>
/// The intrusive node of the timer wheel: a class with deadlines derives from it, so that arming allocates nothing. An entry carries the
/// nearest of its owner's deadlines.
/// </summary>
internal abstract class TimerEntry : IStackNode<TimerEntry>
{
    /// <summary>No deadline.</summary>
    public const long Never = long.MaxValue;

    internal const long NotFiled = -1;

    // Owned by the timer thread: where the entry is filed. 24 of the 40 bytes that an entry costs.
    internal TimerEntry? _nextInBucket;
    internal TimerEntry? _previousInBucket;
    internal long _dueTick = NotFiled;

    // Owned by TimerIntake. The thread that set the queued flag writes the link; the timer thread reads it before it clears the flag. The
    // state is changed only by interlocked operations.
    internal TimerEntry? _nextInQueue;
    internal int _state;

    TimerEntry? IStackNode<TimerEntry>.Next
    {
        get => _nextInQueue;
        set => _nextInQueue = value;
    }

    /// <summary>
    /// The nearest deadline, in milliseconds of <see cref="GatewayClock"/>. The timer thread reads it when the entry's bucket is due and files
    /// the entry again if the deadline has moved later; so activity costs the owner only one store.
    /// </summary>
    protected internal abstract long NextDeadline { get; }

    /// <summary>
    /// The deadline has passed. Runs on the timer thread, never early, at most one tick late. It may only request an action from the owner; it
    /// must not block, throw or access state of an event loop. Afterwards the entry is filed again by <see cref="NextDeadline"/>,
    /// on the next tick at the earliest. Concurrent activity may have moved the deadline later: the owner must check it again.
    /// </summary>
    protected internal abstract void OnDeadline(long nowMs);
}
