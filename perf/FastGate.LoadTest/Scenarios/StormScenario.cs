using FastGate.LoadTest.Load;

namespace FastGate.LoadTest.Scenarios;

/// <summary>
/// All devices lose their connection and come back at once: the network is cut, or the server restarted. Shows how long it takes until
/// the last is served again. A device that fails tries again, and its time goes on from the cut.
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
        // Ready: the cut. A device on its way is left to it.
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

    /// <summary>Coming back is part of the one operation, however often it takes.</summary>
    public override bool GoesOn(SimulatedDevice device) => device.Mark != 0;

    public override int CountUnanswered(SimulatedDevice device) => device.Mark != 0 ? 1 : 0;

    private void ComeBack(SimulatedDevice device, long cut)
    {
        long due = cut + (long)(device.Random.Share() * LoadSettings.Nanoseconds(Settings.Spread));
        device.Mark = due;
        device.Arm(due);
    }
}
