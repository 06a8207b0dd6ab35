using FastGate.LoadTest.Load;

namespace FastGate.LoadTest.Scenarios;

/// <summary>
/// All devices lose their connection and reconnect at once, as after a network failure or a restart. Measures the time until each is
/// served again; it includes all retries.
/// </summary>
internal sealed class StormScenario : Scenario
{
    private readonly long _cutAfter;
    private readonly long _retry;

    public StormScenario(LoadSettings settings)
        : base(settings)
    {
        _cutAfter = LoadSettings.Nanoseconds(settings.Lead + settings.CutAfter);
        _retry = LoadSettings.Nanoseconds(settings.Retry);
    }

    public override string Name => "storm";

    public override string Operation => "return";

    public override IReadOnlyList<string> Latencies => ["back online"];

    public override IReadOnlyList<(double Seconds, string Label)> Marks =>
        Settings.CutByServer ? [] : [(_cutAfter / 1e9, "cut")];

    public override string? Check() => !Settings.CutByServer && Settings.CutAfter >= Settings.Duration
        ? "--cut-after must be shorter than --duration" : null;

    public override void OnSteady(SimulatedDevice device, long at)
    {
        if (!Settings.CutByServer)
        {
            device.Arm(at + _cutAfter);
        }
    }

    public override void OnTimer(SimulatedDevice device, long due, long now)
    {
        // Drop a ready device. One that is connecting already is left alone.
        if (device.Phase == DevicePhase.Ready && device.Mark == 0)
        {
            device.Drop();
            ComeBack(device, due);
        }
    }

    public override void OnReady(SimulatedDevice device, long now)
    {
        if (device.Mark != 0)
        {
            device.Loop.Measure(0, device.Mark, now);
            device.Loop.Counters.Operations++;
            device.Mark = 0;
            device.Step = 1;
        }
    }

    public override void OnEnded(SimulatedDevice device, DeviceEnd end, DevicePhase phase, long now)
    {
        if (device.Mark != 0)
        {
            device.Loop.Counters.Retries++;
            device.Arm(now + (_retry / 2) + (long)(device.Random.Share() * _retry));
        }
        else if (Settings.CutByServer && phase == DevicePhase.Ready)
        {
            ComeBack(device, now);
        }
        else
        {
            CountEnd(device, phase);
        }
    }

    /// <summary>All retries belong to one operation.</summary>
    public override bool ContinuesAfterEnd(SimulatedDevice device) => device.Mark != 0;

    public override int CountUnanswered(SimulatedDevice device) => device.Mark != 0 ? 1 : 0;

    private void ComeBack(SimulatedDevice device, long cut)
    {
        long due = cut + (long)(device.Random.Share() * LoadSettings.Nanoseconds(Settings.Spread));
        device.Mark = due;
        device.Arm(due);
    }
}
