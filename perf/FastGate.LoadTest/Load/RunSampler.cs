using System.Diagnostics.CodeAnalysis;
using FastGate.LoadTest.Measure;
using FastGate.LoadTest.Reports;
using FastGate.LoadTest.Scenarios;
using HdrHistogram;

namespace FastGate.LoadTest.Load;

/// <summary>Samples the loops' counts and the CPU and memory of server and driver. Used by one thread.</summary>
internal sealed class RunSampler
{
    private readonly DriverLoop[] _loops;
    private readonly LoadSettings _settings;
    private readonly Scenario _scenario;
    private readonly long _interval;
    private readonly List<SampleReport> _samples = [];
    private HistogramBase _lastLatencies = LatencyHistograms.Create();
    private RunInstant? _last;
    private long _origin;

    public RunSampler(DriverLoop[] loops, LoadSettings settings, Scenario scenario)
    {
        _loops = loops;
        _settings = settings;
        _scenario = scenario;

        // About 60 samples for the load; shorter intervals than 0.5 s are too short for /proc's resolution of 10 ms.
        _interval = (long)(Math.Clamp(settings.Duration.TotalSeconds / 60, 0.5, 10) * 1e9);
    }

    public IReadOnlyList<SampleReport> Samples => _samples;

    public long Origin => _origin;

    public long NextDue { get; private set; }

    public double PeakServerMb { get; private set; }

    public RunInstant Start()
    {
        _last = Take();
        _origin = _last.At;
        NextDue = _origin + _interval;
        return _last;
    }

    public LoopCounters Sum()
    {
        var sum = new LoopCounters();
        foreach (DriverLoop loop in _loops)
        {
            loop.Counters.AddTo(sum);
        }

        return sum;
    }

    public RunInstant Take()
    {
        ProcessSample? server = _settings.ServerPid > 0 ? ProcessSample.Take(_settings.ServerPid) : null;
        return new RunInstant(
            LoadClock.Now,
            Sum(),
            [.. _loops.Select(loop => Volatile.Read(ref loop.Counters.BusyNanoseconds))],
            LatencyHistograms.Sum(_loops.Select(loop => loop.Lateness)),
            server,
            Environment.CpuUsage.TotalTime.TotalSeconds);
    }

    public bool TrySample([NotNullWhen(true)] out SampleReport? sample)
    {
        sample = null;
        if (LoadClock.Now < NextDue)
        {
            return false;
        }

        RunInstant now = Take();
        sample = Describe(_last!, now);
        _samples.Add(sample);
        _last = now;
        NextDue += ((now.At - NextDue) / _interval * _interval) + _interval;
        return true;
    }

    private SampleReport Describe(RunInstant before, RunInstant now)
    {
        HistogramBase latencies = LatencyHistograms.Sum(_loops.SelectMany(loop => _scenario.JudgesConnect ? [loop.ConnectLatency] : loop.Latencies.Take(_scenario.Plotted.Count)));
        HistogramBase interval = LatencyHistograms.Difference(latencies, _lastLatencies);
        _lastLatencies = latencies;
        double seconds = (now.At - before.At) / 1e9;
        double? serverMb = now.Server is { } server ? Round(server.ResidentBytes / 1e6, 2) : null;
        PeakServerMb = Math.Max(PeakServerMb, serverMb ?? 0);
        return new SampleReport(
            Round((now.At - _origin) / 1e9, 2),
            now.Counters.Open,
            Round((now.Counters.Operations - before.Counters.Operations) / seconds, 1),
            Round((now.Counters.Received - before.Counters.Received) / seconds, 1),
            interval.TotalCount == 0 ? null : LatencyReport.PercentileMs(interval, 50),
            interval.TotalCount == 0 ? null : LatencyReport.PercentileMs(interval, 99),
            CpuPercent(before, now),
            serverMb,
            Round((now.DriverCpuSeconds - before.DriverCpuSeconds) / seconds * 100, 1));
    }

    /// <summary>Null also when the CPU time decreased: another process has this id now.</summary>
    public static double? CpuPercent(RunInstant before, RunInstant now) =>
        before.Server is { } first && now.Server is { } second && second.CpuSeconds >= first.CpuSeconds
            ? Round((second.CpuSeconds - first.CpuSeconds) / ((now.At - before.At) / 1e9) * 100, 1) : null;

    public static double Round(double value, int digits) => Math.Round(value, digits);
}
