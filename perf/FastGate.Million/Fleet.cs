using System.Diagnostics;
using FastGate.Configuration.Options;
using FastGate.Connections;
using FastGate.Testing;
using FastGate.Testing.Lean;

namespace FastGate.Million;

/// <summary>One fleet, from the first connect to the last disconnect. This thread is the only event loop; the timer thread is the real one.</summary>
internal sealed class Fleet : IDisposable
{
    private const string TimerThreadName = "fastgate-timer";
    private const int Waves = 100;
    private const int WavesInRound = 10;
    private const int HotDevices = 1024;
    private const int FindsInRound = 200_000;

    /// <summary>
    /// Devices connect over this time of the fake clock. Their timers are then in as many buckets of the wheel as it has ticks, and the rest
    /// of the idle timeout is longer than this program needs from the last connect to the first ping.
    /// </summary>
    private static readonly TimeSpan s_arrival = TimeSpan.FromSeconds(90);

    private static readonly TimeSpan s_idle = new DeviceTimeouts().Idle;

    private const int WarmUpDevices = 2_000;

    private readonly LeanLoop _loop = new();
    private readonly Messages _messages = new();
    private readonly ConnectionHarness _harness;
    private readonly DeviceConnectionHandler _handler;
    private readonly LeanConnection[] _connections;
    private readonly int[] _order;
    private Type _life = typeof(Task);

    private Fleet(int devices)
    {
        _connections = new LeanConnection[devices];
        _order = new int[devices];
        for (int i = 0; i < devices; i++)
        {
            _order[i] = i;
        }

        new Random(1).Shuffle(_order);
        _harness = new ConnectionHarness(new DeviceOptions { MaxConnections = devices });
        _handler = new DeviceConnectionHandler(_harness.Services);
    }

    /// <summary>Runs until the runtime has compiled everything with optimization.</summary>
    public static void WarmUp(int fleets)
    {
        // The runtime recompiles in the background, some tenths of a second after the last compilation.
        for (int i = 0; i < fleets; i++)
        {
            Measure(WarmUpDevices, rounds: 3, seconds: 0);
            Thread.Sleep(250);
        }
    }

    public static FleetResult Measure(int devices, int rounds, int seconds)
    {
        using var fleet = new Fleet(devices);
        return fleet.Measure(rounds, seconds);
    }

    public void Dispose() => _harness.Dispose();

    private FleetResult Measure(int rounds, int seconds)
    {
        int devices = _connections.Length;
        long empty = HeapBytes();
        for (int i = 0; i < devices; i++)
        {
            _connections[i] = new LeanConnection(_loop);
        }

        long withDoubles = HeapBytes();
        (Spread? connect, Spread? hello) = Arrive();
        Expect(_loop.LastSent.IndexOf("\"type\":\"hello\""u8) > 0, "an answer to hello");
        Spread pings = Rounds(rounds, devices, () => Sweep(_messages.Ping, ..));
        Expect(_loop.LastSent.EndsWith("{\"type\":\"pong\"}"u8), "a pong");
        Spread shuffledPings = Rounds(rounds, devices, SweepShuffled);
        Expect(_harness.Registry.Count == devices, "every device in the registry");
        long connected = HeapBytes();
        long resident = Environment.WorkingSet;
        Spread hotFinds = Rounds(rounds, FindsInRound, () => Find(Math.Min(HotDevices, devices)));
        Spread finds = Rounds(rounds, FindsInRound, () => Find(devices));
        Spread? tick = TickUs(rounds, seconds);
        Spread? refile = RefileNs(rounds);
        Expect(_harness.Registry.Count == devices, "every device still in the registry");
        IReadOnlyList<LedgerLine> lines = ObjectSizes.Ledger(_life, Messages.DeviceId(0), _harness.Registry.SlotCount, devices);
        foreach (LeanConnection connection in _connections)
        {
            connection.End();
        }

        Expect(_harness.Registry.Count == 0, "no device left in the registry");
        WaitForTimerThread();
        return new FleetResult
        {
            Devices = devices,
            DoubleBytes = (double)(withDoubles - empty) / devices,
            MeasuredBytes = (double)(connected - withDoubles) / devices,
            Lines = lines,
            LeftBytes = HeapBytes() - withDoubles,
            ConnectNs = connect,
            HelloNs = hello,
            PingNs = pings,
            ShuffledPingNs = shuffledPings,
            HotFindNs = hotFinds,
            ShuffledFindNs = finds,
            TickUs = tick,
            RefileNs = refile,
            ResidentBytes = resident,
        };
    }

    /// <summary>Connects in waves, spread over time by the fake clock; each wave says hello before the next one.</summary>
    private (Spread ConnectNs, Spread HelloNs) Arrive()
    {
        int devices = _connections.Length;
        List<double> connect = [];
        List<double> hello = [];
        for (int round = 0; round < Waves / WavesInRound; round++)
        {
            double connected = 0;
            double greeted = 0;
            for (int wave = round * WavesInRound; wave < (round + 1) * WavesInRound; wave++)
            {
                Range range = Share(wave, Waves);
                connected += Time(1, () => Connect(range));
                greeted += Time(1, () => Sweep(_messages.Hello, range));
                _harness.Clock.Turn(s_arrival / Waves);
            }

            int arrived = Share(round, Waves / WavesInRound).GetOffsetAndLength(devices).Length;
            connect.Add(connected / arrived);
            hello.Add(greeted / arrived);
        }

        return (Spread.Of(connect), Spread.Of(hello));
    }

    private Range Share(int part, int parts) =>
        (int)((long)_connections.Length * part / parts)..(int)((long)_connections.Length * (part + 1) / parts);

    private void Connect(Range wave)
    {
        for (int i = wave.Start.Value; i < wave.End.Value; i++)
        {
            Task life = _handler.OnConnectedAsync(_connections[i]);
            _connections[i].Deliver(_messages.Request(i));
            _life = life.GetType();
        }
    }

    private void Sweep(ReadOnlySpan<byte> frame, Range wave)
    {
        foreach (LeanConnection? connection in _connections.AsSpan(wave))
        {
            connection.Deliver(frame);
        }
    }

    private void SweepShuffled()
    {
        ReadOnlySpan<byte> ping = _messages.Ping;
        foreach (int index in _order)
        {
            _connections[index].Deliver(ping);
        }
    }

    private void Find(int among)
    {
        Span<byte> id = stackalloc byte[Messages.DeviceIdLength];
        int found = 0;
        for (int i = 0; i < FindsInRound; i++)
        {
            Messages.WriteDeviceId(id, _order[i % among]);
            found += _harness.Registry.Find(id) is null ? 0 : 1;
        }

        Expect(found == FindsInRound, "every device found");
    }

    /// <summary>
    /// The wheel reaches the buckets of the first devices, one tick's share per tick. Pings have moved their deadlines since, so no timer
    /// fires and each entry is moved to a later bucket.
    /// </summary>
    private Spread? TickUs(int rounds, int seconds)
    {
        const int TicksPerSecond = 10;
        if (seconds == 0 || TimerCpu() is null)
        {
            return null;
        }

        Sweep(_messages.Ping, ..);
        _harness.Clock.Turn(s_idle - s_arrival);
        WaitForTimerThread();
        List<double> ticks = [];
        for (int round = 0; round < rounds; round++)
        {
            long before = TimerCpu()!.Value;
            Thread.Sleep(TimeSpan.FromSeconds((double)seconds / rounds));
            ticks.Add((TimerCpu()!.Value - before) / 1e3 / ((double)seconds / rounds * TicksPerSecond));
        }

        return Spread.Of(ticks);
    }

    /// <summary>The wheel reaches every entry at once; all deadlines have moved to a later time.</summary>
    private Spread? RefileNs(int rounds)
    {
        if (TimerCpu() is null)
        {
            return null;
        }

        // A ping moves the deadline to the idle timeout from now, but the entry stays in its bucket, which the wheel reaches earlier.
        TimeSpan turn = s_idle - TimeSpan.FromSeconds(10);
        _harness.Clock.Turn(TimeSpan.FromSeconds(15));
        List<double> refile = [];
        for (int round = 0; round < rounds; round++)
        {
            Sweep(_messages.Ping, ..);
            WaitForTimerThread();
            long before = TimerCpu()!.Value;
            _harness.Clock.Turn(turn);
            WaitForTimerThread();
            refile.Add((double)(TimerCpu()!.Value - before) / _connections.Length);
        }

        return Spread.Of(refile);
    }

    /// <summary>Waits until the timer thread has no work left but its ticks.</summary>
    private static void WaitForTimerThread()
    {
        const int Ticks = 3;
        const long Quiet = 1_000_000;
        long? seen = null;
        for (int attempt = 0; attempt < 100; attempt++)
        {
            long? now = TimerCpu();
            if (now - seen < Quiet || (now is null && attempt == 5))
            {
                return;
            }

            seen = now;
            Thread.Sleep(Ticks * 100);
        }
    }

    private static long? TimerCpu() => OperatingSystem.IsLinux() ? ThreadClock.SpentBy(TimerThreadName) : null;

    private static Spread Rounds(int rounds, int operations, Action round) =>
        Spread.Of(Enumerable.Range(0, rounds).Select(_ => Time(operations, round)));

    private static double Time(int operations, Action action)
    {
        long before = ThreadClock.NowNs;
        action();
        return (double)(ThreadClock.NowNs - before) / operations;
    }

    private static long HeapBytes()
    {
        GC.Collect(2, GCCollectionMode.Forced, blocking: true);
        GC.WaitForPendingFinalizers();
        GC.Collect(2, GCCollectionMode.Forced, blocking: true);
        return GC.GetTotalMemory(forceFullCollection: false);
    }

    private static void Expect(bool condition, string what)
    {
        if (!condition)
        {
            throw new UnreachableException($"The fleet expected {what}.");
        }
    }
}
