using FastGate.LoadTest.Measure;
using FastGate.LoadTest.Reports;
using FastGate.LoadTest.Scenarios;

namespace FastGate.LoadTest.Load;

/// <summary>One run: ramp, load, settle. The calling thread takes the samples while the loops' threads work.</summary>
internal sealed class LoadRun
{
    private const long LeadTime = 100_000_000;

    private readonly LoadSettings _settings;
    private readonly Scenario _scenario;
    private readonly IRunProgress _progress;
    private readonly CancellationToken _stop;
    private readonly DriverLoop[] _loops;
    private readonly RunSampler _sampler;
    private readonly string _command;
    private readonly DateTimeOffset _startedAt = DateTimeOffset.UtcNow;

    public LoadRun(LoadSettings settings, Scenario scenario, IRunProgress progress, string command, CancellationToken stop)
    {
        _settings = settings;
        _scenario = scenario;
        _progress = progress;
        _command = command;
        _stop = stop;
        _loops = [.. Enumerable.Range(0, settings.Threads).Select(i => new DriverLoop(settings, scenario, i, stop))];
        _sampler = new RunSampler(_loops, settings, scenario);
    }

    /// <exception cref="LoadFailedException">No device became ready, or a loop failed.</exception>
    /// <exception cref="OperationCanceledException">The run was stopped before a device became ready. A run that is stopped later returns what was measured.</exception>
    public RunReport Execute()
    {
        try
        {
            return ExecuteCore();
        }
        finally
        {
            StopLoops();
            foreach (DriverLoop loop in _loops)
            {
                loop.Dispose();
            }
        }
    }

    private RunReport ExecuteCore()
    {
        WarmUp.Run();
        RunInstant start = _sampler.Start();
        long origin = start.At + LeadTime;
        Populate(origin);
        foreach (DriverLoop loop in _loops)
        {
            loop.Start();
        }

        if (_scenario.RampsUp)
        {
            Ramp(origin);
        }

        long steadyAt = LoadClock.Now + LeadTime;
        long measureFrom = steadyAt + LoadSettings.Nanoseconds(_settings.Lead);
        long end = measureFrom + LoadSettings.Nanoseconds(_settings.Duration);
        foreach (DriverLoop loop in _loops)
        {
            loop.BeginSteady(steadyAt, measureFrom, end);
        }

        Task beside = _scenario.RunBesideAsync(steadyAt, _stop);
        RunInstant rampEnd = _sampler.Take();
        WaitUntil(steadyAt);
        SampleUntil("lead", measureFrom, () => false);
        RunInstant loadBegin = _sampler.Take();
        SampleUntil("load", end, () => false);
        RunInstant loadEnd = _sampler.Take();
        Settle();
        beside.GetAwaiter().GetResult();
        ThrowIfNothingRan();
        StopLoops();
        RunReport report = new RunSummary(_settings, _scenario, _loops, _sampler, _command, _startedAt, AllowedProcessors.CountOf(Environment.ProcessId, _settings.ServerPid))
            .Write(start, rampEnd, loadBegin, loadEnd, steadyAt);
        return report with { Interrupted = _stop.IsCancellationRequested };
    }

    private void Populate(long origin)
    {
        for (int i = 0; i < _settings.Devices; i++)
        {
            SimulatedDevice device = _loops[i % _loops.Length].Add(i, i);
            if (_scenario.RampsUp)
            {
                device.Arm(origin + (long)(i / _settings.Ramp * 1e9));
            }
        }

        for (int i = _settings.Devices; i < _settings.Devices + _scenario.ExtraDevices; i++)
        {
            _loops[i % _loops.Length].Add(i, i, hostile: true);
        }
    }

    private void Ramp(long origin)
    {
        long planned = origin + (long)(_settings.Devices / _settings.Ramp * 1e9);
        SampleUntil("ramp", planned + LoadSettings.Nanoseconds(_settings.ServeWithin), () =>
        {
            LoopCounters sum = _sampler.Sum();
            return sum.Ready + sum.Failed >= _settings.Devices;
        });
        ThrowIfNothingRan();
    }

    private void Settle()
    {
        foreach (DriverLoop loop in _loops)
        {
            // This has an effect only when the run was stopped early.
            loop.EndBy(LoadClock.Now);
        }

        TimeSpan most = _settings.Settle > _scenario.SettleAtLeast ? _settings.Settle : _scenario.SettleAtLeast;
        SampleUntil("settle", LoadClock.Now + LoadSettings.Nanoseconds(most), () => _loops.All(loop => loop.Pending == 0));
    }

    private void SampleUntil(string stage, long end, Func<bool> done)
    {
        while (LoadClock.Now < end && !_stop.IsCancellationRequested && !_loops.Any(loop => loop.Failure is not null) && !done())
        {
            WaitUntil(Math.Min(Math.Min(end, _sampler.NextDue), LoadClock.Now + 20_000_000));
            if (_sampler.TrySample(out SampleReport? sample))
            {
                LoopCounters sum = _sampler.Sum();
                _progress.Show(stage, sample, sum.Failed, sum.Lost);
            }
        }
    }

    private void WaitUntil(long instant)
    {
        long left = instant - LoadClock.Now;
        if (left > 0)
        {
            _stop.WaitHandle.WaitOne(TimeSpan.FromMilliseconds(Math.Ceiling(left / 1e6)));
        }
    }

    private void StopLoops()
    {
        foreach (DriverLoop loop in _loops)
        {
            loop.Stop();
        }

        foreach (DriverLoop loop in _loops)
        {
            loop.Join();
        }
    }

    private void ThrowIfNothingRan()
    {
        if (_loops.FirstOrDefault(loop => loop.Failure is not null) is { } broken)
        {
            throw new LoadFailedException($"The driver failed: {broken.Failure}");
        }

        if (_sampler.Sum().Ready == 0)
        {
            _stop.ThrowIfCancellationRequested();

            // The loops own these counts until they have ended.
            StopLoops();
            throw new LoadFailedException($"No device of {_settings.Devices} was served at {_settings.Target}{Reasons()}.");
        }
    }

    private string Reasons()
    {
        IEnumerable<string> statuses = _loops.SelectMany(loop => loop.Refusals).Select(pair => $"HTTP status {pair.Key}");
        IEnumerable<string> errors = _loops.SelectMany(loop => loop.SystemErrors).Select(pair => $"errno {pair.Key}");
        string reasons = string.Join(", ", statuses.Concat(errors).Distinct());
        return reasons.Length == 0 ? "" : $" ({reasons})";
    }
}
