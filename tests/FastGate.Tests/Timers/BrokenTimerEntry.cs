using FastGate.Timers;

namespace FastGate.Tests.Timers;

/// <summary>An entry with its deadline at 1,000, which throws once it is broken.</summary>
internal sealed class BrokenTimerEntry : TimerEntry
{
    public bool Broken { get; set; }

    protected internal override long NextDeadline => Broken ? throw new InvalidOperationException("on purpose") : 1000;

    protected internal override void OnDeadline(long nowMs)
    {
    }
}
