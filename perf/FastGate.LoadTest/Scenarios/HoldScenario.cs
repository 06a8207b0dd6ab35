using FastGate.LoadTest.Devices;
using FastGate.LoadTest.Load;

namespace FastGate.LoadTest.Scenarios;

/// <summary>Devices connect, say hello and stay. Measures the cost of an idle device.</summary>
internal sealed class HoldScenario : Scenario
{
    private readonly long _period;

    public HoldScenario(LoadSettings settings)
        : base(settings) => _period = LoadSettings.Nanoseconds(settings.KeepAlive);

    public override string Name => "hold";

    public override string Operation => "ping";

    public override IReadOnlyList<string> Latencies => ["ping"];

    public override bool JudgesConnect => true;

    public override void OnSteady(SimulatedDevice device, long at)
    {
        if (_period > 0)
        {
            device.Arm(FirstDue(device, at, _period));
        }
    }

    public override void OnTimer(SimulatedDevice device, long due, long now)
    {
        PingRound.Send(device, due);
        device.Arm(due + _period);
    }

    public override void OnReply(SimulatedDevice device, GatewayReply reply, long now) => PingRound.TryComplete(device, reply, now, 0);
}
