using FastGate.LoadTest.Devices;
using FastGate.LoadTest.Load;

namespace FastGate.LoadTest.Scenarios;

/// <summary>Devices send pings. Measures the cost and delay of the shortest message.</summary>
internal sealed class PingScenario : Scenario
{
    private readonly long _period;

    /// <summary>A real device pings every 30 s; with 10 s a short run has enough pings.</summary>
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
