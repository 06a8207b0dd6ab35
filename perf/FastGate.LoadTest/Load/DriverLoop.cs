using System.Buffers;
using System.Net;
using System.Runtime.InteropServices;
using FastGate.LoadTest.Devices;
using FastGate.LoadTest.Measure;
using FastGate.LoadTest.Scenarios;
using FastGate.LoadTest.Sockets;
using HdrHistogram;

namespace FastGate.LoadTest.Load;

/// <summary>
/// One thread with its share of the devices: a heap of their timers and an epoll of their sockets. Latencies count from the scheduled
/// instant, even when the loop is late; the loop records its own lateness.
/// </summary>
internal sealed class DriverLoop : IDisposable
{
    private const int HostileReceiveBuffer = 4096;
    private const int TimersAtOnce = 64;
    private const long LongestWait = 20_000_000;

    private readonly Scenario _scenario;
    private readonly CancellationToken _interrupted;
    private readonly Thread _thread;
    private readonly PriorityQueue<SimulatedDevice, long> _timers = new();
    private readonly List<SimulatedDevice> _devices = [];
    private readonly SocketPoll _poll = new();
    private readonly SourceAddresses _sources;
    private readonly IPEndPoint _target;
    private readonly Dictionary<int, int> _refusals = [];
    private readonly Dictionary<int, int> _systemErrors = [];
    private long _pending = -1;
    private long _pendingCountedAt;
    private long _steadyAt;
    private bool _steadySeen;
    private long _measureFrom;
    private long _end = long.MaxValue;
    private volatile bool _stopping;

    public DriverLoop(LoadSettings settings, Scenario scenario, int index, CancellationToken interrupted)
    {
        Settings = settings;
        _scenario = scenario;
        _interrupted = interrupted;
        Request = new FirmwareRequest(settings.Host, settings.Path, settings.Token, scenario.ProtocolVersion);
        _sources = new SourceAddresses(settings.Target, settings.Sources);
        _target = new IPEndPoint(settings.Target.Address.MapToIPv4(), settings.Target.Port);
        Latencies = [.. scenario.Latencies.Select(_ => LatencyHistograms.Create())];
        _thread = new Thread(Run) { IsBackground = true, Name = $"devices {index}" };
    }

    public LoadSettings Settings { get; }

    public FirmwareRequest Request { get; }

    public LoopCounters Counters { get; } = new();

    /// <summary>One histogram for each name in <see cref="Scenario.Latencies"/>.</summary>
    public HistogramBase[] Latencies { get; }

    public HistogramBase ConnectLatency { get; } = LatencyHistograms.Create();

    /// <summary>From the scheduled instant of a timer to the instant at which the loop fires it.</summary>
    public HistogramBase Lateness { get; } = LatencyHistograms.Create();

    public ArrayBufferWriter<byte> Scratch { get; } = new(4096);

    public ArrayBufferWriter<byte> TextScratch { get; } = new(4096);

    /// <summary>End of the load. The loop does everything that is due before it, even when late, and nothing that is due later.</summary>
    public long End => Volatile.Read(ref _end);

    /// <summary>Outstanding operations after all due ones have begun; -1 until then.</summary>
    public long Pending => Volatile.Read(ref _pending);

    public IReadOnlyDictionary<int, int> Refusals => _refusals;

    public IReadOnlyDictionary<int, int> SystemErrors => _systemErrors;

    /// <summary>The exception that ended the loop early.</summary>
    public Exception? Failure { get; private set; }

    /// <summary>Before <see cref="Start"/>, or from the loop's own thread.</summary>
    public SimulatedDevice Add(int number, int identity, bool hostile = false)
    {
        var device = new SimulatedDevice(this, _scenario, number, identity, hostile);
        _devices.Add(device);
        return device;
    }

    /// <summary>Removes a device that will never connect again.</summary>
    public void Remove(SimulatedDevice device)
    {
        device.TimerDue = 0;
        int at = _devices.IndexOf(device);
        _devices[at] = _devices[^1];
        _devices.RemoveAt(_devices.Count - 1);
    }

    /// <summary>Hostile peers control when the kernel's buffers are read and how large they are, so they always use the epoll.</summary>
    public DeviceSocket CreateSocket(SimulatedDevice device) => Settings.Client == ClientKind.Pipelines && !device.Hostile
        ? new PipelinesSocket(device, _target, _sources.Of(device.Number))
        : new EpollSocket(_poll, device, _target, _sources.Of(device.Number), device.Hostile ? HostileReceiveBuffer : 0);

    public void Start() => _thread.Start();

    /// <summary>Schedules the start of the load, of the measurement, and the end. Called once, from any thread.</summary>
    public void BeginSteady(long at, long measureFrom, long end)
    {
        Volatile.Write(ref _measureFrom, measureFrom);
        Volatile.Write(ref _end, end);
        Volatile.Write(ref _steadyAt, at);
    }

    /// <summary>Ends the load at this instant if it would last longer. Called from one thread.</summary>
    public void EndBy(long at) => Volatile.Write(ref _end, Math.Min(_end, at));

    public void Stop() => _stopping = true;

    /// <summary>Records a latency from the scheduled instant. What was due before the measurement is not recorded.</summary>
    public void Measure(int latency, long since, long now)
    {
        if (since >= _measureFrom)
        {
            Latencies[latency].RecordLatency(now - since);
        }
    }

    /// <summary>True for what was due in the measured load.</summary>
    public bool IsMeasured(long due) => due >= _measureFrom;

    public void Join()
    {
        if ((_thread.ThreadState & ThreadState.Unstarted) == 0)
        {
            _thread.Join();
        }
    }

    /// <param name="device">The owner of the timer.</param>
    /// <param name="due">When the timer fires.</param>
    /// <param name="possibleFrom">The earliest possible instant when an answer of the server had to come first; time before it is not the loop's lateness.</param>
    public void Arm(SimulatedDevice device, long due, long possibleFrom)
    {
        device.TimerDue = due;
        device.PossibleFrom = possibleFrom;
        _timers.Enqueue(device, due);
    }

    public void NoteRefusal(int status) => CollectionsMarshal.GetValueRefOrAddDefault(_refusals, status, out _)++;

    public void NoteSystemError(int error) => CollectionsMarshal.GetValueRefOrAddDefault(_systemErrors, error, out _)++;

    public void Dispose() => _poll.Dispose();

    private void Run()
    {
        SynchronizationContext.SetSynchronizationContext(_poll.Context);
        try
        {
            while (!_stopping)
            {
                Turn();
            }

            // Finish what was due before the end. An interrupted run skips this, because it can take as long as the run.
            StartLoad();
            while (!_interrupted.IsCancellationRequested && FireTimers(LoadClock.Now, untilEnd: true) == 0)
            {
            }

            Counters.Unanswered += CountUnanswered();
            foreach (SimulatedDevice device in _devices)
            {
                device.Drop();
            }
        }
        catch (Exception exception)
        {
            Failure = exception;
        }
    }

    private long CountUnanswered()
    {
        long count = 0;
        foreach (SimulatedDevice device in _devices)
        {
            count += _scenario.CountUnanswered(device);
        }

        return count;
    }

    private void Turn()
    {
        long began = LoadClock.Now;
        StartLoad();
        long wait = FireTimers(began, untilEnd: false);
        if (wait > 0 && began >= End && began - _pendingCountedAt > LongestWait)
        {
            _pendingCountedAt = began;
            Volatile.Write(ref _pending, CountUnanswered());
        }

        long waitBegan = LoadClock.Now;
        int count = _poll.Wait(wait);
        long waitEnded = LoadClock.Now;
        _poll.Dispatch(count);

        // All time outside the wait counts as busy, including time in which the thread had no core.
        Counters.BusyNanoseconds += waitBegan - began + (LoadClock.Now - waitEnded);
    }

    private void StartLoad()
    {
        long steadyAt = Volatile.Read(ref _steadyAt);
        if (_steadySeen || steadyAt == 0)
        {
            return;
        }

        _steadySeen = true;
        foreach (SimulatedDevice device in _devices.ToArray())
        {
            if (device.Phase == DevicePhase.Ready || device.Hostile || !_scenario.RampsUp)
            {
                _scenario.OnSteady(device, steadyAt);
            }
            else
            {
                device.GiveUp(_interrupted.IsCancellationRequested);
            }
        }
    }

    /// <summary>Returns the time until the next timer; 0 when more may be due. Fires a few at a time, so that answers do not wait behind sends.</summary>
    private long FireTimers(long now, bool untilEnd)
    {
        long end = End;
        now = untilEnd ? Math.Min(now, end - 1) : now;
        for (int fired = 0; fired < TimersAtOnce; fired++)
        {
            if (!_timers.TryPeek(out SimulatedDevice? device, out long due))
            {
                return LongestWait;
            }

            if (due > now)
            {
                return Math.Min(due - now, LongestWait);
            }

            _timers.Dequeue();
            if (device.TimerDue != due)
            {
                // Rearmed or disarmed.
                fired--;
                continue;
            }

            device.TimerDue = 0;
            if (due >= end && !_scenario.ContinuesAfterEnd(device))
            {
                fired--;
                continue;
            }

            long began = LoadClock.Now;
            now = untilEnd ? now : began;
            Lateness.RecordLatency(device.LatenessOf(due, began));
            if (device.Phase == DevicePhase.Away)
            {
                device.Connect(due);
            }
            else
            {
                _scenario.OnTimer(device, due, began);
            }
        }

        return 0;
    }
}
