using System.Buffers;
using FastGate.Conversation;
using FastGate.Diagnostics;
using FastGate.Protocol.Audio;
using FastGate.Protocol.Messages;

namespace FastGate.Sessions;

/// <summary>
/// What a device says -> what to do. One per connection, entered only by the connection's loop; workers reach the device through
/// <see cref="IDeviceOutbound.Post"/>, never through here.
/// </summary>
internal sealed partial class DeviceSession
{
    // What is sent down is 24 kHz mono in 60 ms packets: a device sizes its buffers by it, so it must not follow what the device records.
    private const int DownlinkSampleRate = 24_000;
    private const int DownlinkChannels = 1;
    private const int DownlinkFrameMs = 60;

    private readonly SessionServices _services;
    private readonly IDeviceOutbound _outbound;

    // Owned by the loop.
    private Dialogue? _dialogue;
    private DeviceReplySink? _turn;
    private Turn? _request;
    private int _turnNumber;
    private ManagementAction _managementAction;
    private byte _wrongSecrets;
    private AudioFraming _audio;
    private bool _speaking;
    private bool _ending;
    private bool _wantsEmotion = true;

    // Written by the loop, read by any thread.
    private DeviceDescription? _kept;
    private bool _helloSeen;

    public DeviceSession(SessionServices services, IDeviceOutbound outbound, string deviceId, AudioFraming audio)
    {
        _services = services;
        _outbound = outbound;
        DeviceId = deviceId;
        _audio = audio;
        SessionId = Guid.NewGuid();
    }

    public string DeviceId { get; }

    /// <summary>The connection's one session id; every hello is answered with it.</summary>
    public Guid SessionId { get; }

    public AudioFraming Audio => _audio;

    public bool HelloSeen => Volatile.Read(ref _helloSeen);

    public DeviceDescription? Kept => Volatile.Read(ref _kept);

    /// <summary>Something is to be done once what has been written is flushed.</summary>
    public bool WantsAfterFlush => _managementAction != ManagementAction.None;

    /// <summary>Takes one text message. False when it was not a valid device message: it is then counted, logged for debugging, and answered by nothing.</summary>
    /// <remarks>Budget: a ping costs no allocation (ConnectionAllocationTests).</remarks>
    public bool OnText(ReadOnlySpan<byte> utf8)
    {
        if (DeviceMessageReader.Read(utf8, out DeviceMessage message) != OperationStatus.Done)
        {
            _services.Metrics.BadJson.Increment();
            _services.Log.BadJson(DeviceId, utf8.Length);
            return false;
        }

        switch (message.Type)
        {
            case DeviceMessageType.Ping:
            case DeviceMessageType.Keepalive:
                _outbound.WritePong();
                break;
            case DeviceMessageType.Hello:
                OnHello(message);
                break;
            case DeviceMessageType.Listen:
                OnListen(message);
                break;
            case DeviceMessageType.Abort:
                OnAbort();
                break;
            case DeviceMessageType.Iot:
                OnIot(message);
                break;
            case DeviceMessageType.Mcp:
                OnMcp(message);
                break;
            case DeviceMessageType.Server:
                OnServer(message);
                break;
            case DeviceMessageType.Goodbye:
                _outbound.RequestClose(ConnectionEndReason.SessionEnded);
                break;
            default:
                _services.Metrics.UnknownType.Increment();
                break;
        }

        return true;
    }

    /// <summary>Takes one binary message. False when its header contradicts its size: it is then counted and dropped.</summary>
    public bool OnBinary(ReadOnlySpan<byte> message)
    {
        if (!AudioFrameReader.TryRead(_audio, message, out AudioFrame frame, out _))
        {
            _services.Metrics.BadAudio.Increment();
            return false;
        }

        if (frame.Kind == AudioFrameKind.Json)
        {
            return OnText(frame.Payload);
        }

        _services.Audio.Receive(this, frame);
        return true;
    }

    /// <summary>The audio framing of a device's <c>Protocol-Version</c>.</summary>
    public static AudioFraming FramingOf(int version) => version switch
    {
        2 => AudioFraming.Version2,
        3 => AudioFraming.Version3,
        _ => AudioFraming.Raw,
    };

    /// <summary>
    /// The connection closes, or is over, whichever comes first: the turn at work is cancelled, its call with it. A close may take seconds, in
    /// which the device may have come back: it has left once.
    /// </summary>
    public void End()
    {
        CancelTurn();
        if (_dialogue is { } dialogue)
        {
            _dialogue = null;
            _services.Conversation.Leave(dialogue);
        }
    }

    private void OnHello(in DeviceMessage message)
    {
        Volatile.Write(ref _helloSeen, true);
        _wantsEmotion = (message.Features & DeviceFeatures.NoEmoji) == 0;
        if (_audio != AudioFraming.MqttGateway && message.Version is >= 1 and <= 3)
        {
            _audio = FramingOf(message.Version);
        }

        ArrayBufferWriter<byte> writer = SessionScratch.Rent();
        GatewayMessageWriter.WriteHello(writer, SessionId, DownlinkSampleRate, DownlinkChannels, DownlinkFrameMs);
        _outbound.WriteText(writer.WrittenSpan);
    }

    private void OnIot(in DeviceMessage message)
    {
        Count(message.Descriptors.IsEmpty || Describe().KeepDescriptors(message.Descriptors));
        Count(message.States.IsEmpty || Describe().KeepStates(message.States));
    }

    private void OnMcp(in DeviceMessage message) => Count(message.Payload.IsEmpty || Describe().KeepMcp(message.Payload));

    private DeviceDescription Describe()
    {
        if (_kept is null)
        {
            Volatile.Write(ref _kept, new DeviceDescription());
        }

        return _kept!;
    }

    private void Count(bool kept)
    {
        if (!kept)
        {
            _services.Metrics.DescriptionTooBig.Increment();
        }
    }
}
