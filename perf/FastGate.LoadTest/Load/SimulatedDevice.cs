using System.Buffers;
using FastGate.LoadTest.Devices;
using FastGate.LoadTest.Measure;
using FastGate.LoadTest.Restarts;
using FastGate.LoadTest.Scenarios;
using FastGate.LoadTest.Sockets;
using FastGate.LoadTest.Speech;
using FastGate.Protocol.Framing;

namespace FastGate.LoadTest.Load;

/// <summary>
/// One device: identity, connection, one timer, and a few fields of the scenario. Used only by the thread of its loop.
/// </summary>
internal sealed class SimulatedDevice : IDeviceEvents, ISocketEvents
{
    private readonly DriverLoop _loop;
    private readonly Scenario _scenario;
    private readonly DeviceStream _stream = new();
    private readonly DeviceSocket _socket;
    private DeviceRandom _random;
    private bool _closeSeen;

    public SimulatedDevice(DriverLoop loop, Scenario scenario, int number, int identity, bool hostile)
    {
        _loop = loop;
        _scenario = scenario;
        Number = number;
        Identity = identity;
        Hostile = hostile;
        _random = new DeviceRandom(loop.Settings.Seed, number);
        _socket = loop.CreateSocket(this);
    }

    /// <summary>Number in the run; numbers from <see cref="LoadSettings.Devices"/> on belong to the scenario.</summary>
    public int Number { get; }

    /// <summary>Number of the id; two devices may have the same id.</summary>
    public int Identity { get; }

    public DriverLoop Loop => _loop;

    public DevicePhase Phase { get; private set; }

    /// <summary>The scheduled instant of the connect.</summary>
    public long ConnectDue { get; private set; }

    public Guid Session { get; private set; }

    /// <summary>When the timer fires; 0 when disarmed. Written by the loop.</summary>
    public long TimerDue { get; set; }

    /// <summary>The earliest possible instant of the timer. Written by the loop.</summary>
    public long PossibleFrom { get; set; }

    public ref DeviceRandom Random => ref _random;

    // Fields of the scenario.
    public InstantQueue Waiting;

    public int Step { get; set; }

    public long Mark { get; set; }

    public long Mark2 { get; set; }

    public Talk? Talk { get; set; }

    public SimulatedDevice? Partner { get; set; }

    public RestartDevice? Numbered { get; set; }

    /// <summary>The scenario decides what it sends, instead of upgrade request and hello.</summary>
    public bool Hostile { get; }

    /// <summary>For hostile peers, which send raw bytes.</summary>
    public DeviceSocket Socket => _socket;

    /// <summary>How late the loop is when it fires the timer now.</summary>
    public long LatenessOf(long due, long now) => now - Math.Max(due, PossibleFrom);

    public void Arm(long due) => _loop.Arm(this, due, possibleFrom: due);

    /// <summary>Arms the timer for something that had to wait for an answer of the server until now.</summary>
    public void ArmAfterAnswer(long due, long now) => _loop.Arm(this, due, possibleFrom: now);

    public void Connect(long due)
    {
        ConnectDue = due;
        _loop.Counters.Attempts += Hostile ? 0 : 1;
        _stream.Reset();
        _closeSeen = false;
        Phase = DevicePhase.Connecting;
        _socket.Connect();
    }

    /// <summary>Disconnects without a close frame, as firmware does.</summary>
    public void Drop()
    {
        if (Phase != DevicePhase.Away)
        {
            _loop.Counters.Open -= Phase == DevicePhase.Ready && !Hostile ? 1 : 0;
            Forget();
        }
    }

    /// <summary>
    /// Called for a device that was not served in the ramp: its connection counts as failed and takes no part in the load. A connection
    /// that failed earlier is counted already. After an interrupted ramp, devices that were not due yet do not count as failed.
    /// </summary>
    public void GiveUp(bool interrupted)
    {
        bool wasDue = Phase != DevicePhase.Away || (TimerDue != 0 && !interrupted);
        _loop.Counters.Failed += wasDue ? 1 : 0;
        TimerDue = 0;
        Drop();
    }

    public void Send(Opcode opcode, ReadOnlySpan<byte> payload)
    {
        if (Phase == DevicePhase.Away)
        {
            return;
        }

        ArrayBufferWriter<byte> output = _loop.Scratch;
        output.ResetWrittenCount();
        FrameWriter.WriteMaskedFrame(output, opcode, fin: true, payload, (uint)_random.Next());
        _loop.Counters.Sent++;
        _socket.Send(output.WrittenSpan);
    }

    /// <summary>Frames, or parts of them.</summary>
    public void SendBytes(ReadOnlySpan<byte> bytes)
    {
        if (Phase != DevicePhase.Away)
        {
            _socket.Send(bytes);
        }
    }

    public void SendRequest()
    {
        ArrayBufferWriter<byte> output = _loop.Scratch;
        output.ResetWrittenCount();
        _loop.Request.Write(output, new FirmwareIdentity(_loop.Settings.Seed, Identity));
        _socket.Send(output.WrittenSpan);
    }

    private void End(DeviceEnd end)
    {
        if (Phase == DevicePhase.Away)
        {
            return;
        }

        DevicePhase phase = Phase;
        if (!Hostile && phase == DevicePhase.Ready)
        {
            _loop.Counters.Open--;
        }

        Forget();
        _scenario.OnEnded(this, _closeSeen && end == DeviceEnd.Reset ? DeviceEnd.ClosedByServer : end, phase, LoadClock.Now);
    }

    private void Forget()
    {
        _stream.End();
        _socket.Close();
        Phase = DevicePhase.Away;
    }

    void ISocketEvents.OnConnected()
    {
        Phase = DevicePhase.Upgrading;
        if (Hostile)
        {
            _scenario.OnHostileConnected(this, LoadClock.Now);
            return;
        }

        SendRequest();
    }

    void ISocketEvents.OnReceived(ReadOnlySpan<byte> bytes)
    {
        _loop.Counters.BytesReceived += bytes.Length;
        _stream.Read(bytes, this);
    }

    void ISocketEvents.OnSent(int bytes) => _loop.Counters.BytesSent += bytes;

    void ISocketEvents.OnEnded(DeviceEnd end, int error)
    {
        if (error != 0)
        {
            _loop.NoteSystemError(error);
        }

        End(end);
    }

    void IDeviceEvents.OnUpgraded()
    {
        if (Hostile)
        {
            _scenario.OnHostileUpgraded(this, LoadClock.Now);
            return;
        }

        Phase = DevicePhase.Greeting;
        Send(Opcode.Text, _scenario.ProtocolVersion == 2 ? FirmwareMessages.HelloOfVersion2 : FirmwareMessages.Hello);
    }

    void IDeviceEvents.OnRefused(int status)
    {
        if (!Hostile)
        {
            _loop.NoteRefusal(status);
        }

        End(DeviceEnd.Refused);
    }

    void IDeviceEvents.OnMessage(Opcode opcode, ReadOnlySpan<byte> payload)
    {
        _loop.Counters.Received++;
        if (Hostile)
        {
            return;
        }

        long now = LoadClock.Now;
        if (opcode == Opcode.Binary)
        {
            _scenario.OnAudio(this, payload, now);
            return;
        }

        GatewayReply reply = GatewayReplyReader.Read(payload, out Guid session);
        if (Phase == DevicePhase.Greeting && reply == GatewayReply.Hello)
        {
            Session = session;
            Phase = DevicePhase.Ready;
            _loop.Counters.Ready++;
            _loop.Counters.Open++;
            _loop.ConnectLatency.RecordLatency(now - ConnectDue);
            _scenario.OnReady(this, now);
            return;
        }

        _scenario.OnText(this, reply, session, payload, now);
    }

    void IDeviceEvents.OnPing(ReadOnlySpan<byte> payload) => Send(Opcode.Pong, payload);

    void IDeviceEvents.OnPong(ReadOnlySpan<byte> payload) => _scenario.OnPong(this, payload, LoadClock.Now);

    /// <summary>Firmware neither answers a close frame nor closes; it waits for the server to close.</summary>
    void IDeviceEvents.OnClose(int status) => _closeSeen = true;

    void IDeviceEvents.OnBroken(FrameError error)
    {
        _loop.Counters.ProtocolErrors++;
        End(DeviceEnd.ProtocolError);
    }
}
