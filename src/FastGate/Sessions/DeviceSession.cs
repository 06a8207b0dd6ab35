using System.Buffers;
using FastGate.Configuration.Options;
using FastGate.Conversation;
using FastGate.Diagnostics;
using FastGate.Protocol.Audio;
using FastGate.Protocol.Messages;

namespace FastGate.Sessions;

/// <summary>
/// Handles the messages of one device. Called only by the connection's loop; workers send to the device through
/// <see cref="IDeviceOutbound.Post"/>.
/// </summary>
internal sealed partial class DeviceSession : IDisposable
{
    /// <summary>Duration of a packet to a device in milliseconds.</summary>
    public const int DownlinkFrameMs = 60;

    // The gateway sends 24 kHz mono in 60 ms packets. Devices size their buffers by these values, so they must not depend on the device's own.
    private const int DownlinkSampleRate = 24_000;
    private const int DownlinkChannels = 1;

    private readonly SessionServices _services;
    private readonly IDeviceOutbound _outbound;

    // False when a header named the language.
    private readonly bool _followsWords;

    // Owned by the loop.
    private Dialogue? _dialogue;
    private Turn? _turn;
    private DeviceSound? _sound;
    private int _turnNumber;
    private ManagementAction _managementAction;
    private byte _wrongSecrets;
    private AudioFraming _audio;

    // What a hello announced and the handshake did not; the first binary message decides.
    private AudioFraming _announced;
    private bool _speaking;
    private bool _ending;
    private bool _wantsEmotion = true;
    private SessionLanguage _language;

    // Written by the loop, read by any thread.
    private bool _helloSeen;

    public DeviceSession(SessionServices services, IDeviceOutbound outbound, AudioFraming audio, SessionLanguage language)
    {
        _services = services;
        _outbound = outbound;
        _audio = audio;
        _language = language;
        _followsWords = language == SessionLanguage.Auto;
        SessionId = SessionIds.Next();
    }

    public string DeviceId => _outbound.DeviceId;

    /// <summary>The session id of the connection; every hello reply contains it.</summary>
    public Guid SessionId { get; }

    public AudioFraming Audio => _audio;

    /// <summary>The texts in the language of this device. Loop only.</summary>
    public SessionTexts Texts => _services.Texts.For(_language);

    /// <summary>Any thread; only a snapshot.</summary>
    public SessionLanguage Language => _language;

    public bool HelloSeen => Volatile.Read(ref _helloSeen);

    /// <summary><see cref="AfterFlush"/> must be called after the next flush.</summary>
    public bool WantsAfterFlush => _managementAction != ManagementAction.None;

    /// <summary>Handles one text message. False for an invalid message: it is counted, logged at debug level, and not answered.</summary>
    /// <remarks>Budget: no allocation for a ping (enforced by ConnectionAllocationTests).</remarks>
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

    /// <summary>Handles one binary message. False when its header contradicts its size: it is counted and dropped.</summary>
    public bool OnBinary(ReadOnlySpan<byte> message)
    {
        if (_announced != AudioFraming.Raw)
        {
            _audio = AudioFrameReader.TryRead(_announced, message, out _) ? _announced : _audio;
            _announced = AudioFraming.Raw;
        }

        if (!AudioFrameReader.TryRead(_audio, message, out AudioFrame frame))
        {
            _services.Metrics.BadAudio.Increment();
            return false;
        }

        if (frame.Kind == AudioFrameKind.Json)
        {
            return OnText(frame.Payload);
        }

        Hear(frame.Payload);
        return true;
    }

    /// <summary>Takes a binary message if it is sound for an ear that listens already, so that nothing is written for it. False without an effect.</summary>
    /// <remarks>Budget: no allocation (SoundTakenAtOnceTests).</remarks>
    public bool TryHear(ReadOnlySpan<byte> message)
    {
        if (_announced != AudioFraming.Raw
            || Ear is not { HasCapture: true }
            || !AudioFrameReader.TryRead(_audio, message, out AudioFrame frame)
            || frame.Kind == AudioFrameKind.Json)
        {
            return false;
        }

        Hear(frame.Payload);
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
    /// Called when the connection starts to close, and again when it has ended: cancels the turn and reports once that the device has left. The
    /// device may be connected again before the close ends.
    /// </summary>
    public void End()
    {
        CloseEar();
        CancelTurn();
        _tools?.Close();
        if (_dialogue is { } dialogue)
        {
            _dialogue = null;
            _services.Conversation.Leave(dialogue);
        }
    }

    void IDisposable.Dispose() => End();

    private void OnHello(in DeviceMessage message)
    {
        _wantsEmotion = !message.RefusesEmotions;
        if (_audio == AudioFraming.Raw)
        {
            // Boards send the header as well; published browser clients write 3 here and send packets without any framing.
            _announced = FramingOf(message.Version);
        }

        ArrayBufferWriter<byte> writer = SessionScratch.Rent();
        GatewayMessageWriter.WriteHello(writer, SessionId, DownlinkSampleRate, DownlinkChannels, DownlinkFrameMs);
        _outbound.WriteText(writer.WrittenSpan);
        if (message.OffersTools && _services.DeviceTools.IsEnabled)
        {
            ToolsOfDevice().OnOffered();
        }

        if (!_helloSeen)
        {
            _services.Webhooks?.Registered(DeviceId, SessionId, _outbound.RemoteEndPoint);
        }

        // Last: who sees the hello sees the tools that it offers.
        Volatile.Write(ref _helloSeen, true);
        _services.Commands?.OnReady(DeviceId);
    }
}
