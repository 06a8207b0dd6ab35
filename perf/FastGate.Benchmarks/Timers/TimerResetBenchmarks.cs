using BenchmarkDotNet.Attributes;
using FastGate.Timers;

namespace FastGate.Benchmarks.Timers;

/// <summary>
/// Moves a deadline later, which every received message does. For the wheel that is a store by the owner; the wheel reads it when the bucket is
/// due. The 1,024 entries that are reset are drawn from all, and are cached like those of an active connection.
/// </summary>
public class TimerResetBenchmarks
{
    private const int Operations = 1024;

    private readonly GatewayClock _clock = new();
    private TimerWheel _wheel = new(0);
    private ScheduledEntry[] _entries = [];
    private ScheduledEntry[] _reset = [];
    private Timer[] _timers = [];
    private Timer[] _timersReset = [];
    private CancellationTokenSource[] _sources = [];
    private CancellationTokenSource[] _sourcesReset = [];
    private long _now;

    [ParamsSource(nameof(EntriesValues))]
    public int Entries { get; set; }

    public static IEnumerable<int> EntriesValues => TimerPopulation.Sizes;

    [GlobalSetup(Targets = [nameof(FastGate), nameof(FastGateWithClock), nameof(FastGateNearer)])]
    public void SetupFastGate()
    {
        (_wheel, _entries) = TimerPopulation.Fill(Entries);
        _reset = TimerPopulation.Draw(_entries, Operations);
    }

    public void SetupFastGateWithClock() => SetupFastGate();

    public void SetupFastGateNearer() => SetupFastGate();

    [Benchmark(OperationsPerInvoke = Operations)]
    public void FastGate()
    {
        long now = ++_now;
        foreach (ScheduledEntry entry in _reset)
        {
            entry.Receive(now);
        }
    }

    /// <summary>The same with a read of the clock for each, as a connection does for each read of its socket.</summary>
    [Benchmark(OperationsPerInvoke = Operations)]
    public void FastGateWithClock()
    {
        foreach (ScheduledEntry entry in _reset)
        {
            entry.Receive(_clock.NowMs);
        }
    }

    /// <summary>Moved earlier: filed again by the owner of the wheel.</summary>
    [Benchmark(OperationsPerInvoke = Operations)]
    public void FastGateNearer()
    {
        // Alternates between two ticks. Add alone would leave an entry that moves later where it is, so every entry is removed first.
        long now = (++_now & 1) * 50_000;
        foreach (ScheduledEntry entry in _reset)
        {
            entry.Receive(now);
            _wheel.Remove(entry);
            _wheel.Add(entry);
        }
    }

    [GlobalSetup(Target = nameof(Timer))]
    public void SetupTimer()
    {
        _timers = TimerPopulation.NewTimers(Entries);
        _timersReset = TimerPopulation.Draw(_timers, Operations);
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Operations)]
    public void Timer()
    {
        foreach (Timer timer in _timersReset)
        {
            timer.Change((int)ScheduledEntry.IdleMs, Timeout.Infinite);
        }
    }

    [GlobalSetup(Target = nameof(CancellationSource))]
    public void SetupCancellationSource()
    {
        _sources = TimerPopulation.NewSources(Entries);
        _sourcesReset = TimerPopulation.Draw(_sources, Operations);
    }

    [Benchmark(OperationsPerInvoke = Operations)]
    public void CancellationSource()
    {
        foreach (CancellationTokenSource source in _sourcesReset)
        {
            source.CancelAfter((int)ScheduledEntry.IdleMs);
        }
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        TimerPopulation.Dispose(_timers);
        TimerPopulation.Dispose(_sources);
        (_timers, _timersReset, _sources, _sourcesReset) = ([], [], [], []);
    }
}
