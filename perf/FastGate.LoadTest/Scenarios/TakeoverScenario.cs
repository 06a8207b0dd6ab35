using FastGate.LoadTest.Load;

namespace FastGate.LoadTest.Scenarios;

/// <summary>
/// A device connects again with the same id while its old connection is still open, as after a change of network. The server must serve
/// the new connection and close the old one.
/// </summary>
internal sealed class TakeoverScenario : Scenario
{
    private const int NewServed = 0;
    private const int OldClosed = 1;

    /// <summary>The new connection continues the schedule.</summary>
    private const long HandedOn = long.MaxValue;

    private readonly long _period;

    public TakeoverScenario(LoadSettings settings)
        : base(settings) => _period = PeriodOf(settings.RateOr(50));

    public override string Name => "takeover";

    public override string Operation => "takeover";

    public override IReadOnlyList<string> Latencies => ["new connection served", "old connection closed"];

    /// <summary>The server notifies a replaced connection, closes it after 1.5 s and aborts it 2 s later, because firmware does not answer a close frame.</summary>
    public override TimeSpan SettleAtLeast => TimeSpan.FromSeconds(6);

    public override void OnSteady(SimulatedDevice device, long at)
    {
        device.Mark2 = FirstDue(device, at, _period);
        device.Arm(device.Mark2);
    }

    public override void OnTimer(SimulatedDevice device, long due, long now)
    {
        SimulatedDevice successor = device.Loop.Add(device.Number, device.Identity);
        successor.Partner = device;
        device.Partner = successor;
        successor.Mark2 = due + _period;
        device.Mark2 = HandedOn;
        successor.Connect(due);
    }

    public override void OnReady(SimulatedDevice device, long now)
    {
        if (device.Partner is not { } old)
        {
            return;
        }

        device.Loop.Measure(NewServed, device.ConnectDue, now);
        device.Loop.Counters.Operations++;
        if (old.Phase == DevicePhase.Ready)
        {
            // The old connection now waits for its end.
            old.Mark = now;
        }
        else
        {
            Part(old);
        }

        device.Partner = null;
        device.ArmAfterAnswer(device.Mark2, now);
    }

    public override void OnEnded(SimulatedDevice device, DeviceEnd end, DevicePhase phase, long now)
    {
        if (device.Mark != 0)
        {
            device.Loop.Measure(OldClosed, device.Mark, now);
            Part(device);
            return;
        }

        if (device.Partner is { } successor && successor.ConnectDue > device.ConnectDue && phase == DevicePhase.Ready)
        {
            // The server closed the old connection before it answered the new hello.
            device.Loop.Measure(OldClosed, now, now);
            return;
        }

        CountEnd(device, phase);
    }

    /// <summary>Counts an old connection that is still open, a new one that is not served, and the takeovers that were due after it.</summary>
    public override int CountUnanswered(SimulatedDevice device) =>
        (device.Mark != 0 || device.Phase is not (DevicePhase.Ready or DevicePhase.Away) ? 1 : 0) + CountDue(device, device.Mark2, _period);

    private static void Part(SimulatedDevice old)
    {
        old.Mark = 0;
        old.Partner = null;
        old.Loop.Remove(old);
    }
}
