namespace FastGate.Timers;

/// <summary>The monotonic clock of all deadlines, in milliseconds. A test turns it forward instead of waiting.</summary>
internal sealed class GatewayClock
{
    private long _turned;

    public long NowMs => Environment.TickCount64 + Volatile.Read(ref _turned);

    /// <summary>Moves the clock forward; for tests.</summary>
    public void Turn(TimeSpan by) => Interlocked.Add(ref _turned, (long)by.TotalMilliseconds);
}
