using FastGate.LoadTest.Load;
using FastGate.LoadTest.Scenarios;

namespace FastGate.LoadTest.Tests;

/// <summary>One periodic timer per device, which calls the test.</summary>
internal sealed class StubScenario(LoadSettings settings, long period, Action<SimulatedDevice, long> onTimer) : Scenario(settings)
{
    public override string Name => "stub";

    public override string Operation => "timer";

    public override IReadOnlyList<string> Latencies => ["timer"];

    public override void OnSteady(SimulatedDevice device, long at) => device.Arm(at);

    public override void OnTimer(SimulatedDevice device, long due, long now)
    {
        onTimer(device, due);
        device.Arm(due + period);
    }
}
