namespace FastGate.Timers;

/// <summary>The monotonic clock of all deadlines, in milliseconds. A test turns it forward instead of waiting.</summary>
internal sealed class GatewayClock
{
    private long _turned;

    public long NowMs => At(Environment.TickCount64);

    /// <summary>The time of this clock for one of <see cref="Environment.TickCount64"/>.</summary>
    public long At(long tickMs) => tickMs + Volatile.Read(ref _turned);

    /// <summary>Moves the clock forward; for tests.</summary>
    public void Turn(TimeSpan by) => Interlocked.Add(ref _turned, (long)by.TotalMilliseconds);
}
