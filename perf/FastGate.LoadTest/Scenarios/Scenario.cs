using FastGate.LoadTest.Devices;
using FastGate.LoadTest.Load;
using FastGate.LoadTest.Measure;
using FastGate.LoadTest.Reports;
using FastGate.LoadTest.Servers;

namespace FastGate.LoadTest.Scenarios;

/// <summary>
/// What the devices of a run do. All loops share one object, so its state is in the devices and in their loops only.
/// </summary>
internal abstract class Scenario
{
    protected Scenario(LoadSettings settings) => Settings = settings;

    protected LoadSettings Settings { get; }

    public abstract string Name { get; }

    /// <summary>Name of one operation, in the singular.</summary>
    public abstract string Operation { get; }

    /// <summary>Names of the measured latencies; thresholds judge the first.</summary>
    public abstract IReadOnlyList<string> Latencies { get; }

    /// <summary>Thresholds judge the connect latency of the ramp.</summary>
    public virtual bool JudgesConnect => false;

    /// <summary>How many of the first <see cref="Latencies"/> are plotted together, and under which name.</summary>
    public virtual (int Count, string Name) Plotted => (1, Latencies[0]);

    /// <summary>Devices connect before the load begins.</summary>
    public virtual bool RampsUp => true;

    /// <summary>Additional devices of the scenario.</summary>
    public virtual int ExtraDevices => 0;

    /// <summary>The version of the protocol that the devices announce: their binary messages have its framing.</summary>
    public virtual int ProtocolVersion => 1;

    /// <summary>Marks in the plots, in seconds after the start of the load.</summary>
    public virtual IReadOnlyList<(double Seconds, string Label)> Marks => [];

    /// <summary>How long a correct server may take to complete the outstanding operations at the end.</summary>
    public virtual TimeSpan SettleAtLeast => TimeSpan.Zero;

    /// <summary>Returns why these settings cannot be run; null when they can.</summary>
    public virtual string? Check() => null;

    /// <summary>Arms the device's timer for the load, which starts at <paramref name="at"/>, shortly ahead.</summary>
    public virtual void OnSteady(SimulatedDevice device, long at)
    {
    }

    /// <summary>The hello was answered.</summary>
    public virtual void OnReady(SimulatedDevice device, long now)
    {
    }

    /// <summary>The timer of a connected device fired.</summary>
    public virtual void OnTimer(SimulatedDevice device, long due, long now)
    {
    }

    public virtual void OnReply(SimulatedDevice device, GatewayReply reply, long now)
    {
    }

    /// <summary>Any text message of a ready device, with its session id where it has one; the payload is valid during the call.</summary>
    public virtual void OnText(SimulatedDevice device, GatewayReply reply, Guid session, ReadOnlySpan<byte> payload, long now) => OnReply(device, reply, now);

    public virtual void OnPong(SimulatedDevice device, ReadOnlySpan<byte> payload, long now)
    {
    }

    /// <summary>A binary message; the packet is valid during the call.</summary>
    public virtual void OnAudio(SimulatedDevice device, ReadOnlySpan<byte> packet, long now)
    {
    }

    public virtual void OnHostileConnected(SimulatedDevice device, long now)
    {
    }

    public virtual void OnHostileUpgraded(SimulatedDevice device, long now)
    {
    }

    /// <summary>The connection ended, not by the device.</summary>
    public virtual void OnEnded(SimulatedDevice device, DeviceEnd end, DevicePhase phase, long now) => CountEnd(device, phase);

    /// <summary>True when a timer that is due after the load's end belongs to an operation that was due before the end.</summary>
    public virtual bool ContinuesAfterEnd(SimulatedDevice device) => false;

    /// <summary>Number of the device's operations that were due before the load's end and are not complete.</summary>
    public virtual int CountUnanswered(SimulatedDevice device) => device.Waiting.Count;

    /// <summary>False when a smaller run before would not warm up what is measured.</summary>
    public virtual bool WarmsUp => true;

    /// <summary>Starts what the server of this scenario needs and returns the server's settings.</summary>
    public virtual IReadOnlyList<string> Prepare() => [];

    /// <summary>The server that was started for this run.</summary>
    public virtual void Use(StartedServer server)
    {
    }

    /// <summary>What runs beside the load, which starts at <paramref name="at"/>. The run waits for its end.</summary>
    public virtual Task RunBesideAsync(long at, CancellationToken stop) => Task.CompletedTask;

    /// <summary>What the scenario <c>restart</c> measured. Called after the loops have ended.</summary>
    public virtual RestartReport? DescribeRestarts() => null;

    /// <summary>What the scenario itself requires of a run, beside the thresholds of the command line.</summary>
    public virtual IReadOnlyList<ThresholdResult> Judge(RunReport report) => [];

    /// <summary>What a scenario of spoken turns measured beside its latencies. Called after the loops have ended.</summary>
    public virtual SpeechReport? DescribeSpeech(LoopCounters total) => null;

    /// <summary>Counts the end. The device does not reconnect unless the scenario arms it again.</summary>
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

    /// <summary>Spreads the devices evenly over the period, with a random offset so that loops do not synchronize.</summary>
    protected long FirstDue(SimulatedDevice device, long at, long period) =>
        at + (long)((device.Number + device.Random.Share()) / Settings.Devices * period);

    /// <summary>Number of a device's operations from this instant to the load's end; 0 when the instant is 0.</summary>
    protected static int CountDue(SimulatedDevice device, long next, long period)
    {
        long left = device.Loop.End - next;
        return next == 0 || left <= 0 ? 0 : (int)(((left - 1) / period) + 1);
    }

    /// <summary>The time between two operations of one device when all devices together do <paramref name="rate"/> per second.</summary>
    protected long PeriodOf(double rate) => (long)(Settings.Devices / rate * 1e9);
}
