using FastGate.Timers;

namespace FastGate.Benchmarks.Timers;

/// <summary>An entry like that of a connection: its deadline is the idle timeout after the last message.</summary>
internal sealed class ScheduledEntry : TimerEntry
{
    public const long IdleMs = 120_000;

    private long _lastReceivedMs;

    protected internal override long NextDeadline => Volatile.Read(ref _lastReceivedMs) + IdleMs;

    public void Receive(long nowMs) => Volatile.Write(ref _lastReceivedMs, nowMs);

    protected internal override void OnDeadline(long nowMs) => _lastReceivedMs = nowMs;
}
