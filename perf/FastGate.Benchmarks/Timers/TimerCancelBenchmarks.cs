using BenchmarkDotNet.Attributes;
using FastGate.Timers;

namespace FastGate.Benchmarks.Timers;

/// <summary>Cancels an armed deadline while many others are armed, compared with disposing a Timer or a CancellationTokenSource.</summary>
public class TimerCancelBenchmarks
{
    private const int Operations = 10_000;

    private TimerWheel _wheel = new(0);
    private ScheduledEntry[] _added = [];
    private IDisposable[] _armed = [];
    private IDisposable[] _cancelled = [];

    [ParamsSource(nameof(EntriesValues))]
    public int Entries { get; set; }

    public static IEnumerable<int> EntriesValues => TimerPopulation.Sizes;

    [GlobalSetup(Target = nameof(FastGate))]
    public void SetupFastGate()
    {
        (_wheel, _) = TimerPopulation.Fill(Entries);
        _added = TimerPopulation.NewEntries(Operations);
        Tiering.Settle(BeforeFastGate, FastGate);
    }

    [IterationSetup(Target = nameof(FastGate))]
    public void BeforeFastGate()
    {
        foreach (ScheduledEntry entry in _added)
        {
            _wheel.Add(entry);
        }
    }

    [Benchmark(OperationsPerInvoke = Operations)]
    public void FastGate()
    {
        foreach (ScheduledEntry entry in _added)
        {
            _wheel.Remove(entry);
        }
    }

    [GlobalSetup(Target = nameof(Timer))]
    public void SetupTimer()
    {
        _armed = TimerPopulation.NewTimers(Entries);
        Tiering.Settle(BeforeTimer, Timer);
    }

    [IterationSetup(Target = nameof(Timer))]
    public void BeforeTimer() => _cancelled = TimerPopulation.NewTimers(Operations);

    [Benchmark(Baseline = true, OperationsPerInvoke = Operations)]
    public void Timer() => TimerPopulation.Dispose(_cancelled);

    [GlobalSetup(Target = nameof(CancellationSource))]
    public void SetupCancellationSource()
    {
        _armed = TimerPopulation.NewSources(Entries);
        Tiering.Settle(BeforeCancellationSource, CancellationSource);
    }

    [IterationSetup(Target = nameof(CancellationSource))]
    public void BeforeCancellationSource() => _cancelled = TimerPopulation.NewSources(Operations);

    [Benchmark(OperationsPerInvoke = Operations)]
    public void CancellationSource() => TimerPopulation.Dispose(_cancelled);

    [GlobalCleanup]
    public void Cleanup()
    {
        TimerPopulation.Dispose(_armed);
        TimerPopulation.Dispose(_cancelled);
        _armed = [];
        _cancelled = [];
    }
}
