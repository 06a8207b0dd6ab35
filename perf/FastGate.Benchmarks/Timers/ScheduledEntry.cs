using FastGate.Timers;

namespace FastGate.Benchmarks.Timers;

/// <summary>An entry as a connection is one: its deadline is the idle time after what it heard last.</summary>
internal sealed class ScheduledEntry : TimerEntry
{
    public const long IdleMs = 120_000;

    private long _lastHeardMs;

    protected internal override long NextDeadline => Volatile.Read(ref _lastHeardMs) + IdleMs;

    public void Hear(long nowMs) => Volatile.Write(ref _lastHeardMs, nowMs);

    protected internal override void OnDeadline(long nowMs) => _lastHeardMs = nowMs;
}
