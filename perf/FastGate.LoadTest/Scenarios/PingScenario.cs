using FastGate.LoadTest.Devices;
using FastGate.LoadTest.Load;

namespace FastGate.LoadTest.Scenarios;

/// <summary>Devices ask whether the server is there. Shows the cost and the delay of the shortest message.</summary>
internal sealed class PingScenario : Scenario
{
    private readonly long _period;

    /// <summary>An always-connected device asks every thirty seconds; ten makes short runs worth something.</summary>
    public PingScenario(LoadSettings settings)
        : base(settings) => _period = PeriodOf(settings.RateOr(settings.Devices / 10.0));

    public override string Name => "ping";

    public override string Operation => "pong";

    public override IReadOnlyList<string> Latencies => ["ping"];

    public override void OnSteady(SimulatedDevice device, long at) => device.Arm(FirstDue(device, at, _period));

    public override void OnTimer(SimulatedDevice device, long due, long now)
    {
        PingRound.Send(device, due);
        device.Arm(due + _period);
    }

    public override void OnReply(SimulatedDevice device, GatewayReply reply, long now) => PingRound.TryComplete(device, reply, now, 0);
}
