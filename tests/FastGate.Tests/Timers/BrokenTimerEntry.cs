using FastGate.Timers;

namespace FastGate.Tests.Timers;

/// <summary>An entry whose deadline, at 1,000, cannot be read any more once it is broken.</summary>
internal sealed class BrokenTimerEntry : TimerEntry
{
    public bool Broken { get; set; }

    protected internal override long NextDeadline => Broken ? throw new InvalidOperationException("on purpose") : 1000;

    protected internal override void OnDeadline(long nowMs)
    {
    }
}
