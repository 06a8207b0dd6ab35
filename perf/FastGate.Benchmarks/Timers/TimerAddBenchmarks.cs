using BenchmarkDotNet.Attributes;
using FastGate.Timers;

namespace FastGate.Benchmarks.Timers;

/// <summary>Arms a deadline while many others are armed, compared with a Timer and with a CancellationTokenSource with a delay per connection.</summary>
public class TimerAddBenchmarks
{
    private const int Operations = 10_000;

    private readonly TimerIntake _intake = new();
    private TimerWheel _wheel = new(0);
    private ScheduledEntry[] _added = [];
    private IDisposable[] _armed = [];
    private readonly IDisposable?[] _disposables = new IDisposable?[Operations];

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
            _wheel.Remove(entry);
        }
    }

    /// <summary>On the thread that owns the wheel.</summary>
    [Benchmark(OperationsPerInvoke = Operations)]
    public void FastGate()
    {
        foreach (ScheduledEntry entry in _added)
        {
            _wheel.Add(entry);
        }
    }

    [GlobalSetup(Target = nameof(FastGateIntake))]
    public void SetupFastGateIntake()
    {
        SetupFastGate();
        Tiering.Settle(BeforeFastGateIntake, FastGateIntake);
    }

    [IterationSetup(Target = nameof(FastGateIntake))]
    public void BeforeFastGateIntake() => BeforeFastGate();

    /// <summary>Requested through the intake, as from another thread, and carried out by the owner.</summary>
    [Benchmark(OperationsPerInvoke = Operations)]
    public void FastGateIntake()
    {
        foreach (ScheduledEntry entry in _added)
        {
            _intake.Arm(entry);
        }

        _intake.DrainInto(_wheel);
    }

    [GlobalSetup(Target = nameof(Timer))]
    public void SetupTimer()
    {
        _armed = TimerPopulation.NewTimers(Entries);
        Tiering.Settle(BeforeTimer, Timer);
    }

    [IterationSetup(Target = nameof(Timer))]
    public void BeforeTimer() => TimerPopulation.Dispose(_disposables);

    [Benchmark(Baseline = true, OperationsPerInvoke = Operations)]
    public void Timer()
    {
        for (int i = 0; i < Operations; i++)
        {
            _disposables[i] = TimerPopulation.NewTimer(i);
        }
    }

    [GlobalSetup(Target = nameof(CancellationSource))]
    public void SetupCancellationSource()
    {
        _armed = TimerPopulation.NewSources(Entries);
        Tiering.Settle(BeforeCancellationSource, CancellationSource);
    }

    [IterationSetup(Target = nameof(CancellationSource))]
    public void BeforeCancellationSource() => TimerPopulation.Dispose(_disposables);

    [Benchmark(OperationsPerInvoke = Operations)]
    public void CancellationSource()
    {
        for (int i = 0; i < Operations; i++)
        {
            _disposables[i] = new CancellationTokenSource(TimerPopulation.DelayMs(i));
        }
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        TimerPopulation.Dispose(_armed);
        TimerPopulation.Dispose(_disposables);
        _armed = [];
    }
}
