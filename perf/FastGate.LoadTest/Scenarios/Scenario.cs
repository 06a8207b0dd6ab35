using FastGate.LoadTest.Devices;
using FastGate.LoadTest.Load;

namespace FastGate.LoadTest.Scenarios;

/// <summary>
/// What the devices of a run do. One object serves all loops, so it keeps nothing that changes but in the device it is called for and
/// in that device's loop.
/// </summary>
internal abstract class Scenario
{
    protected Scenario(LoadSettings settings) => Settings = settings;

    protected LoadSettings Settings { get; }

    public abstract string Name { get; }

    /// <summary>What one operation is, in the singular.</summary>
    public abstract string Operation { get; }

    /// <summary>Names of what is measured; thresholds judge the first.</summary>
    public abstract IReadOnlyList<string> Latencies { get; }

    /// <summary>The connect latency of the ramp is what thresholds judge.</summary>
    public virtual bool JudgesConnect => false;

    /// <summary>How many of <see cref="Latencies"/>, from the first, make the plot over time, and what they are together.</summary>
    public virtual (int Count, string Name) Plotted => (1, Latencies[0]);

    /// <summary>Devices connect before the load begins.</summary>
    public virtual bool RampsUp => true;

    /// <summary>Devices of the scenario's own beside those that were asked for.</summary>
    public virtual int ExtraDevices => 0;

    /// <summary>Where a plot marks a change, in seconds after the load began.</summary>
    public virtual IReadOnlyList<(double Seconds, string Label)> Marks => [];

    /// <summary>How long a server that keeps its word may take for what is out at the end.</summary>
    public virtual TimeSpan SettleAtLeast => TimeSpan.Zero;

    /// <summary>What cannot be run as it is asked for; null when all is well.</summary>
    public virtual string? Check() => null;

    /// <summary>The load begins at <paramref name="at"/>, which lies ahead a little: arm what is to happen.</summary>
    public virtual void OnSteady(SimulatedDevice device, long at)
    {
    }

    /// <summary>The hello has been answered.</summary>
    public virtual void OnReady(SimulatedDevice device, long now)
    {
    }

    /// <summary>The timer of a device that has a connection.</summary>
    public virtual void OnTimer(SimulatedDevice device, long due, long now)
    {
    }

    public virtual void OnReply(SimulatedDevice device, GatewayReply reply, long now)
    {
    }

    public virtual void OnAudio(SimulatedDevice device, long now)
    {
    }

    public virtual void OnHostileConnected(SimulatedDevice device, long now)
    {
    }

    public virtual void OnHostileUpgraded(SimulatedDevice device, long now)
    {
    }

    /// <summary>The connection is over, and the device did not do it.</summary>
    public virtual void OnEnded(SimulatedDevice device, DeviceEnd end, DevicePhase phase, long now) => CountEnd(device, phase);

    /// <summary>A timer that is due after the load's end belongs to an operation that was due before it.</summary>
    public virtual bool GoesOn(SimulatedDevice device) => false;

    /// <summary>What the device still waits for, or could not even begin, of all that was due before the load's end.</summary>
    public virtual int CountUnanswered(SimulatedDevice device) => device.Waiting.Count;

    /// <summary>The device stays away unless the scenario arms it again.</summary>
    protected static void CountEnd(SimulatedDevice device, DevicePhase phase)
    {
        device.TimerDue = 0;
        if (phase == DevicePhase.Ready)
        {
            device.Loop.Counters.Lost++;
        }
        else
        {
            device.Loop.Counters.Failed++;
        }

        device.Loop.Counters.Unanswered += device.Waiting.Clear();
    }

    /// <summary>The devices take turns, evenly over the period, each a little off its place so that no two loops beat together.</summary>
    protected long FirstDue(SimulatedDevice device, long at, long period) =>
        at + (long)((device.Number + device.Random.Share()) / Settings.Devices * period);

    /// <summary>How many of a device's operations were due from this instant, 0 for none, to the load's end.</summary>
    protected static int CountDue(SimulatedDevice device, long next, long period)
    {
        long left = device.Loop.End - next;
        return next == 0 || left <= 0 ? 0 : (int)(((left - 1) / period) + 1);
    }

    /// <summary>The time between two operations of one device when all together do <paramref name="rate"/> a second.</summary>
    protected long PeriodOf(double rate) => (long)(Settings.Devices / rate * 1e9);
}
