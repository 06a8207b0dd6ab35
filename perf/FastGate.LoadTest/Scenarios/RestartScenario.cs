using FastGate.LoadTest.Devices;
using FastGate.LoadTest.Load;
using FastGate.LoadTest.Restarts;
using FastGate.LoadTest.Servers;

namespace FastGate.LoadTest.Scenarios;

/// <summary>
/// The server is restarted under load. Some devices ping, some have turns, some connect anew, the others wait. All messages are numbered, so that a
/// closed device and a lost, doubled or reordered message is seen. The state belongs to the one loop.
/// </summary>
internal sealed partial class RestartScenario : Scenario, IDisposable
{
    private const long ArrivalPeriod = 10_000_000_000;

    private readonly RestartSettings _own;
    private readonly long _pingPeriod;
    private readonly string _secret = Guid.NewGuid().ToString("N");
    private readonly List<SimulatedDevice> _devices = [];
    private RestartDirector? _director;
    private RestartableServer? _server;
    private NumberedModel? _model;
    private long _at;
    private bool _arrivalsAdded;
    private long _closed;
    private long _refused;
    private long _newConnects;
    private MessageCounts _ended;

    public RestartScenario(LoadSettings settings, RestartSettings own, IRestartableServer? server = null)
        : base(settings)
    {
        _own = own;
        _pingPeriod = LoadSettings.Nanoseconds(own.PingPeriod);
        _director = server is null ? null : new RestartDirector(own, server);
        _turns = new TurnTotals[own.Restarts + 1];
    }

    public override string Name => "restart";

    public override string Operation => "pong";

    public override IReadOnlyList<string> Latencies => ["ping", "connect of an arrival to its pong"];

    public override bool WarmsUp => false;

    public override TimeSpan SettleAtLeast => _own.Settle;

    /// <summary>Connections of the arrivals at once: they stay for some seconds, and connect once in <see cref="ArrivalPeriod"/>.</summary>
    private int ArrivalSlots => (int)Math.Ceiling(_own.Arrivals * ArrivalPeriod / 1e9);

    public override string? Check() => Settings.Threads != 1 ? "--threads: restart uses one driver thread."
        : _own.Pinging + _own.Turning > Settings.Devices ? "--pinging and --turning: together at most --devices."
        : _own.Every < _own.Watch + (2 * _own.HelloSpread) ? $"--every: at least {(_own.Watch + (2 * _own.HelloSpread)).TotalSeconds:0} s, for --watch and the second hellos."
        : _own.TurnWait > _own.Watch - TimeSpan.FromSeconds(3) ? "--turn-wait: at least 3 s less than --watch, because delays are measured only while the restart is watched."
        : null;

    public override IReadOnlyList<string> Prepare()
    {
        _model = NumberedModel.StartAsync().GetAwaiter().GetResult();
        IEnumerable<string> wait = _own.TurnWait is { } time ? [$"FastGate:Restart:TurnWait={time:c}"] : [];
        return [.. _model.ServerOptions, .. wait, $"FastGate:Management:Secret={_secret}", $"FastGate:Admin:Token={_secret}"];
    }

    public override void Use(StartedServer server)
    {
        _server = new RestartableServer(server, _own.Trigger, _secret);
        _director = new RestartDirector(_own, _server);
    }

    public override Task RunBesideAsync(long at, CancellationToken stop) => Task.Run(() => _director!.RunAsync(at, stop), CancellationToken.None);

    public void Dispose()
    {
        _server?.Dispose();
        _model?.DisposeAsync().AsTask().GetAwaiter().GetResult();
    }

    public override void OnSteady(SimulatedDevice device, long at)
    {
        _at = at;
        int number = device.Number;
        RestartDevice numbered = Register(device, number < _own.Pinging ? DeviceRole.Pinging : number < _own.Pinging + _own.Turning ? DeviceRole.Turning : DeviceRole.Idle);
        switch (numbered.Role)
        {
            case DeviceRole.Pinging:
                device.Arm(at + (long)((number + device.Random.Share()) / _own.Pinging * _pingPeriod));
                break;
            case DeviceRole.Turning:
                device.Arm(at + (long)(device.Random.Share() * _pingPeriod));
                break;
            default:
                ArmHello(device, numbered);
                break;
        }

        if (_arrivalsAdded)
        {
            return;
        }

        _arrivalsAdded = true;
        for (int i = 0; i < ArrivalSlots; i++)
        {
            SimulatedDevice arrival = device.Loop.Add(Settings.Devices + i, Settings.Devices + i);
            Register(arrival, DeviceRole.Arrival);
            arrival.Mark2 = at + (i * ArrivalPeriod / ArrivalSlots);
            arrival.Arm(arrival.Mark2);
        }
    }

    private RestartDevice Register(SimulatedDevice device, DeviceRole role)
    {
        var numbered = new RestartDevice(role, device.Number, _own.Restarts + 1);
        device.Numbered = numbered;
        _devices.Add(device);
        return numbered;
    }

    public override void OnTimer(SimulatedDevice device, long due, long now)
    {
        RestartDevice numbered = device.Numbered!;
        if (numbered.Rest is { } rest)
        {
            numbered.Rest = null;
            device.SendBytes(rest);
            device.Arm(due - CutTime + _pingPeriod);
            return;
        }

        switch (numbered.Role)
        {
            case DeviceRole.Pinging:
                SayHelloAgain(device, numbered, due);
                SendPing(device, numbered, due);
                break;
            case DeviceRole.Turning:
                if (numbered.Turns!.IsOpen)
                {
                    Count(numbered, numbered.Turns.GiveUp(), now);
                }

                SayHelloAgain(device, numbered, due);
                if (due < device.Loop.End)
                {
                    Ask(device, numbered, now);
                }

                break;
            case DeviceRole.Arrival:
                SendPing(device, numbered, due);
                break;
            default:
                SayHelloAgain(device, numbered, due);
                ArmHello(device, numbered);
                break;
        }
    }

    public override void OnText(SimulatedDevice device, GatewayReply reply, Guid session, ReadOnlySpan<byte> payload, long now)
    {
        if (device.Numbered is not { } numbered)
        {
            return;
        }

        switch (reply)
        {
            case GatewayReply.Pong:
                numbered.Pings.ReceiveText();
                break;
            case GatewayReply.Hello:
                numbered.HellosAnswered++;
                numbered.SessionsChanged += session == device.Session ? 0 : 1;
                break;
            case GatewayReply.Stt or GatewayReply.TtsSentence or GatewayReply.TtsStop when numbered.Turns is not null:
                OnTurnText(device, numbered, reply, payload, now);
                break;
        }
    }

    public override void OnEnded(SimulatedDevice device, DeviceEnd end, DevicePhase phase, long now)
    {
        if (device.Numbered is not { } numbered)
        {
            // In the ramp: counted as not connected.
            base.OnEnded(device, end, phase, now);
            return;
        }

        if (numbered.Role == DeviceRole.Arrival && phase != DevicePhase.Ready)
        {
            _refused++;
        }
        else
        {
            _closed++;
        }

        foreach (GapWindow window in _director!.Windows)
        {
            window.Close(numbered, now);
        }

        numbered.IsClosed = true;
        numbered.Rest = null;
        _ended += numbered.TakePings();
        base.OnEnded(device, end, phase, now);
        if (numbered.Role == DeviceRole.Arrival)
        {
            ArmArrival(device, now);
        }
    }

    /// <summary>The rest of a frame, the second ping of an arrival, and the hello of a device that was in a turn are sent after the end too.</summary>
    public override bool ContinuesAfterEnd(SimulatedDevice device) =>
        device.Numbered is { Rest: not null } || (device.Numbered is { Role: DeviceRole.Arrival or DeviceRole.Turning } && device.Phase == DevicePhase.Ready);

    public override int CountUnanswered(SimulatedDevice device) => IsConnecting(device) ? 1 : device.Numbered is not { IsClosed: false } numbered ? 0
        : (int)numbered.Pings.Outstanding + (numbered.Turns is { IsOpen: true } ? 1 : 0) + (numbered.Role == DeviceRole.Turning ? _own.Restarts : numbered.HellosSent) - numbered.HellosAnswered;

    private static bool IsConnecting(SimulatedDevice device) => device.Phase is not (DevicePhase.Away or DevicePhase.Ready);
}
