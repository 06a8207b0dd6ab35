using FastGate.Timers;

namespace FastGate.Tests.Timers;

/// <summary>An entry that remembers when it fired. Without an action it has no deadline afterwards.</summary>
internal sealed class RecordingTimerEntry(long deadline = TimerEntry.Never) : TimerEntry
{
    private long _deadline = deadline;

    public long Deadline
    {
        get => Volatile.Read(ref _deadline);
        set => Volatile.Write(ref _deadline, value);
    }

    public List<long> FiredAt { get; } = [];

    /// <summary>Runs in the callback, with the time, after it has been recorded.</summary>
    public Action<long>? Then { get; set; }

    protected internal override long NextDeadline => Deadline;

    protected internal override void OnDeadline(long nowMs)
    {
        FiredAt.Add(nowMs);
        Deadline = Never;
        Then?.Invoke(nowMs);
    }
}
