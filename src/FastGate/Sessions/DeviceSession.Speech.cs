using FastGate.Protocol.Messages;
using FastGate.Speech.Hearing;

namespace FastGate.Sessions;

/// <summary>What the device hears and says as sound.</summary>
internal sealed partial class DeviceSession
{
    /// <summary>Shown while an utterance is played back.</summary>
    private const string PlayBackCaption = "🔁";

    /// <summary>Without a packet for that long, a device no longer streams.</summary>
    private const uint StreamPauseMs = 2_000;

    /// <summary>The device's ear reports. Loop only.</summary>
    public void OnHeard(Hearing hearing)
    {
        if (hearing.Ear != _ear)
        {
            // The device has stopped listening meanwhile.
            hearing.Drop();
            return;
        }

        switch (hearing.Kind)
        {
            case HearingKind.SpeechStarted when _speaking:
                Interrupt();
                break;
            case HearingKind.Words:
                OnWords(hearing);
                break;
            case HearingKind.Sound when hearing.Utterance!.TryClaim():
                OnSound(hearing.Utterance!);
                break;
            case HearingKind.Failed:
                LeaveEar();
                Interrupt();
                Speak(Texts.Conversation.SystemErrorResponse);
                break;
            case HearingKind.Refused:
                CloseEar();
                Interrupt();
                Speak(Texts.BusyText);
                break;
        }
    }

    private void Hear(ReadOnlySpan<byte> packet)
    {
        if (_ear is null && StreamsOn() && _turn is null && _voice is null && !_speaking)
        {
            OpenEar(ListenMode.Auto);
        }

        if (_ear is { } ear)
        {
            ear.Put(packet);
        }
        else
        {
            _services.Speech.Metrics.UnheardPackets.Increment();
        }
    }

    /// <summary>The device listens: what it heard before is forgotten.</summary>
    private void OpenEar(ListenMode mode)
    {
        CloseEar();
        _streamedAt = 0;
        if (_services.Speech.Hears)
        {
            _ear = new DeviceEar(_services.Speech, _outbound, mode);
        }
    }

    private void CloseEar(bool mayStreamOn = false)
    {
        if (mayStreamOn && _ear is { Mode: ListenMode.Auto or ListenMode.None })
        {
            _streamedAt = _services.NowMs;
        }

        _ear?.Dispose();
        _ear = null;
    }

    /// <summary>
    /// Clients in browsers and telephones send <c>listen start</c> once and then sound without a pause, also during the answer. A board sends none
    /// during the answer and a new start afterwards; without that start its next sound is a wake word.
    /// </summary>
    private bool StreamsOn()
    {
        if (_streamedAt != 0)
        {
            uint now = _services.NowMs;
            _streamedAt = now - _streamedAt < StreamPauseMs ? now : 0;
        }

        return _streamedAt != 0;
    }

    /// <summary>After an utterance a device in realtime mode continues to listen; the others send a new start, or stream on.</summary>
    private void LeaveEar()
    {
        if (_ear is { Mode: not ListenMode.Realtime })
        {
            CloseEar(mayStreamOn: true);
        }
    }

    private void OnWords(Hearing hearing)
    {
        if (string.IsNullOrWhiteSpace(hearing.Text))
        {
            // Noise: the device still listens.
            _ear!.Resume();
            return;
        }

        LeaveEar();
        _heard = hearing.Heard;
        OnUtterance(hearing.Text);
        _heard = null;
    }

    /// <summary>Without a recogniser, what was said is played back.</summary>
    private void OnSound(Utterance utterance)
    {
        LeaveEar();
        Interrupt();
        _turnNumber++;
        WriteTtsStart();
        _voice = NewVoice();
        _voice.PlayBack(utterance, PlayBackCaption);
        _outbound.BusyFor(IDeviceOutbound.UntilTurnEnds);
    }

    private DeviceVoice NewVoice() => new(_services.Speech, _outbound, _audio, SessionId, _turnNumber, Texts, _heard);
}
