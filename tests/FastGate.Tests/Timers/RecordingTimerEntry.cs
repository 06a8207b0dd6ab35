using FastGate.Timers;

namespace FastGate.Tests.Timers;

/// <summary>An entry that records when it fired. Afterwards it has no deadline, unless the action sets one.</summary>
internal sealed class RecordingTimerEntry(long deadline = TimerEntry.Never) : TimerEntry
{
    private long _deadline = deadline;

    public long Deadline
    {
        get => Volatile.Read(ref _deadline);
        set => Volatile.Write(ref _deadline, value);
    }

    public List<long> FiredAt { get; } = [];

    /// <summary>Runs in the callback, with the recorded time.</summary>
    public Action<long>? Then { get; set; }

    protected internal override long NextDeadline => Deadline;

    protected internal override void OnDeadline(long nowMs)
    {
        FiredAt.Add(nowMs);
        Deadline = Never;
        Then?.Invoke(nowMs);
    }
}
