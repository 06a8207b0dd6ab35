using FastGate.LoadTest.Devices;
using FastGate.LoadTest.Load;

namespace FastGate.LoadTest.Scenarios;

/// <summary>
/// Devices connect, say hello, ping and disconnect without a close frame, as stock firmware does around every conversation. The latency
/// of a cycle is measured from its scheduled instant to its pong.
/// </summary>
internal sealed class ChurnScenario : Scenario
{
    private readonly long _period;

    public ChurnScenario(LoadSettings settings)
        : base(settings) => _period = PeriodOf(settings.RateOr(200));

    public override string Name => "churn";

    public override string Operation => "cycle";

    public override IReadOnlyList<string> Latencies => ["cycle"];

    public override bool RampsUp => false;

    public override void OnSteady(SimulatedDevice device, long at)
    {
        device.Mark2 = FirstDue(device, at, _period);
        device.Arm(device.Mark2);
    }

    public override void OnReady(SimulatedDevice device, long now) => PingRound.Send(device, device.ConnectDue);

    public override void OnReply(SimulatedDevice device, GatewayReply reply, long now)
    {
        if (PingRound.TryComplete(device, reply, now, 0))
        {
            device.Drop();
            ArmNext(device, now);
        }
    }

    public override void OnEnded(SimulatedDevice device, DeviceEnd end, DevicePhase phase, long now)
    {
        base.OnEnded(device, end, phase, now);
        ArmNext(device, now);
    }

    public override int CountUnanswered(SimulatedDevice device) => CountDue(device, device.Mark2, _period);

    /// <summary>A cycle that takes longer than the period delays the next one, whose latency includes the delay.</summary>
    private void ArmNext(SimulatedDevice device, long now)
    {
        device.Mark2 += _period;
        device.ArmAfterAnswer(device.Mark2, now);
    }
}
