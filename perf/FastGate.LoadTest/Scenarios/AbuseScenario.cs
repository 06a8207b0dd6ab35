using FastGate.LoadTest.Devices;
using FastGate.LoadTest.Load;

namespace FastGate.LoadTest.Scenarios;

/// <summary>
/// Devices ping. After a third of the time hostile peers of every kind connect, and reconnect whenever the server disconnects them.
/// The delay of the devices is measured before and after that; it must not increase.
/// </summary>
internal sealed class AbuseScenario : Scenario
{
    private const int Among = 0;
    private const int Before = 1;

    private readonly long _period;
    private readonly long _joinAfter;
    private readonly long _retry;

    public AbuseScenario(LoadSettings settings)
        : base(settings)
    {
        _period = PeriodOf(settings.RateOr(settings.Devices / 5.0));
        _joinAfter = LoadSettings.Nanoseconds(settings.Lead + (settings.Duration / 3));
        _retry = LoadSettings.Nanoseconds(settings.Retry);
    }

    public override string Name => "abuse";

    public override string Operation => "pong";

    public override IReadOnlyList<string> Latencies => ["ping among hostile peers", "ping before"];

    public override (int Count, string Name) Plotted => (2, "ping");

    public override int ExtraDevices => Settings.Hostile;

    public override IReadOnlyList<(double Seconds, string Label)> Marks => [(_joinAfter / 1e9, "hostile peers join")];

    public override void OnSteady(SimulatedDevice device, long at)
    {
        if (device.Hostile)
        {
            device.Arm(at + _joinAfter + (long)(device.Random.Share() * _retry));
            return;
        }

        device.Mark = at + _joinAfter;
        device.Arm(FirstDue(device, at, _period));
    }

    public override void OnTimer(SimulatedDevice device, long due, long now)
    {
        if (device.Hostile)
        {
            HostilePeer.OnTimer(device, HostilePeer.KindOf(device, Settings.Devices), due);
            return;
        }

        PingRound.Send(device, due);
        device.Arm(due + _period);
    }

    public override void OnReply(SimulatedDevice device, GatewayReply reply, long now) =>
        PingRound.TryComplete(device, reply, now, now < device.Mark ? Before : Among);

    public override void OnHostileConnected(SimulatedDevice device, long now)
    {
        device.Loop.Counters.HostileAttempts++;
        HostilePeer.OnConnected(device, HostilePeer.KindOf(device, Settings.Devices), now);
    }

    public override void OnHostileUpgraded(SimulatedDevice device, long now)
    {
        HostilePeer.OnUpgraded(device, HostilePeer.KindOf(device, Settings.Devices), now);
        if (device.Phase == DevicePhase.Away)
        {
            device.Arm(now + _retry);
        }
    }

    public override void OnEnded(SimulatedDevice device, DeviceEnd end, DevicePhase phase, long now)
    {
        if (!device.Hostile)
        {
            base.OnEnded(device, end, phase, now);
            return;
        }

        device.Loop.Counters.HostileEnded++;
        device.Socket.Reads = true;
        device.Arm(now + _retry);
    }

    public override int CountUnanswered(SimulatedDevice device) => device.Hostile ? 0 : device.Waiting.Count;
}
