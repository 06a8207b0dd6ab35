namespace FastGate.Transport;

/// <summary>
/// Gives memory back to the system after a fleet has left. Without it nothing would: a gateway that nobody talks to allocates
/// nothing, so the collector never runs and what the devices cost stays resident. One timer; a collection only when at least
/// half of the devices have gone and no more are going, for it stops the loops for a moment.
/// </summary>
internal sealed class MemoryReturn : IDisposable
{
    /// <summary>How often it looks; a departure has to be over for as long.</summary>
    public static readonly TimeSpan Period = TimeSpan.FromSeconds(10);

    /// <summary>Fewer departures than these are not worth a collection.</summary>
    public const int SmallestDeparture = 500;

    private readonly Func<int> _connectionCount;
    private readonly Action _collect;
    private readonly ITimer _timer;
    private int _peak;
    private int _before;

    /// <param name="connectionCount">How many connections live; any thread.</param>
    /// <param name="time">The clock; a test turns it.</param>
    /// <param name="collect">What to do; by default the collector's most thorough pass.</param>
    public MemoryReturn(Func<int> connectionCount, TimeProvider time, Action? collect = null)
    {
        _connectionCount = connectionCount;
        _collect = collect ?? Collect;
        _timer = time.CreateTimer(static state => ((MemoryReturn)state!).Look(), this, Period, Period);
    }

    public void Dispose() => _timer.Dispose();

    /// <summary>The timer's; one call at a time.</summary>
    internal void Look()
    {
        int count = _connectionCount();
        bool isOver = count >= _before;
        _before = count;
        _peak = Math.Max(_peak, count);
        if (isOver && _peak - count >= SmallestDeparture && count <= _peak / 2)
        {
            _peak = count;
            _collect();
        }
    }

    private static void Collect() => GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
}
