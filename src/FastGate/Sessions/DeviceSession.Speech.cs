using FastGate.Conversation;
using FastGate.Diagnostics;
using FastGate.HandOver;
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

    private DeviceEar? Ear
    {
        get => _sound?.Ear;
        set
        {
            if (_sound is not null || value is not null)
            {
                (_sound ??= new DeviceSound()).Ear = value;
                ReleaseSound();
            }
        }
    }

    private DeviceVoice? Voice
    {
        get => _sound?.Voice;
        set
        {
            if (_sound is not null || value is not null)
            {
                (_sound ??= new DeviceSound()).Voice = value;
                ReleaseSound();
            }
        }
    }

    /// <summary>The device's ear reports. Loop only.</summary>
    public void OnHeard(Hearing hearing)
    {
        if (hearing.Ear != Ear || hearing.IsForgotten)
        {
            // The device has stopped listening meanwhile, or does not want an answer.
            hearing.Drop();
            return;
        }

        switch (hearing.Kind)
        {
            case HearingKind.Words or HearingKind.Sound when _services.IsQuiet && !hearing.IsNoise && TryDeferTurn():
                Ear!.Defer(hearing);
                break;
            case HearingKind.SpeechStarted:
                // Also when the reply has not begun to sound: the user has said something else.
                Interrupt();
                break;
            case HearingKind.PartialWords:
                OnPartialWords(hearing.Text);
                break;
            case HearingKind.Words:
                OnWords(hearing);
                break;
            case HearingKind.Sound when hearing.Utterance!.TryClaim():
                OnSound(hearing.Utterance!);
                break;
            case HearingKind.Faulted:
                Ear!.TryRestart();
                goto case HearingKind.Failed;
            case HearingKind.Failed:
                _sound!.Fail(_services.NowMs);
                LeaveEar();
                Interrupt();
                if (hearing.IsBusy)
                {
                    _services.Metrics.Busy.Increment();
                }

                Speak(hearing.IsBusy ? Texts.BusyText : Texts.Conversation.SystemErrorResponse);
                break;
            case HearingKind.Refused:
                if (!Ear!.TryRestart())
                {
                    CloseEar();
                }

                Interrupt();
                Speak(Texts.BusyText);
                break;
        }
    }

    /// <summary>A frame was dropped because the device has read too slowly. Loop only.</summary>
    public void OnFrameLate() => _services.Speech.Metrics.FramesDropped.Increment();

    private void Hear(ReadOnlySpan<byte> packet)
    {
        _services.Metrics.AudioFrames.Increment();
        bool isDeaf = _sound is { HasPause: true } sound && sound.IsDeaf(_services.NowMs);
        if (Ear is null && StreamsOn() && !isDeaf && _turn is null && Voice is null && !_speaking)
        {
            OpenEar(ListenMode.Auto);
        }

        if (Ear is { } ear && !isDeaf)
        {
            ear.Put(packet);
        }
        else
        {
            _services.Speech.Metrics.UnheardPackets.Increment();
        }
    }

    /// <summary>The device listens: what it heard before is forgotten.</summary>
    private void OpenEar(ListenMode mode, EarState? earlier = null)
    {
        CloseEar();
        if (_services.Speech.Hears)
        {
            Ear = new DeviceEar(_services.Speech, _outbound, mode, earlier);
        }

        // Last: the failures of a client that streams on are kept.
        EndStream();
    }

    private void CloseEar(bool mayStreamOn = false)
    {
        if (mayStreamOn && Ear is { Mode: ListenMode.Auto or ListenMode.None })
        {
            _sound!.StreamedAt = _services.NowMs;
        }

        DropEarly();
        Ear?.Dispose();
        Ear = null;
    }

    /// <summary>
    /// Clients in browsers and telephones send <c>listen start</c> once and then sound without a pause, also during the answer. A board sends none
    /// during the answer and a new start afterwards; without that start its next sound is a wake word.
    /// </summary>
    private bool StreamsOn()
    {
        if (_sound is not { StreamedAt: not 0 } sound)
        {
            return false;
        }

        uint now = _services.NowMs;
        if (now - sound.StreamedAt < StreamPauseMs)
        {
            sound.StreamedAt = now;
            return true;
        }

        EndStream();
        return false;
    }

    private void EndStream()
    {
        if (_sound is { } sound)
        {
            sound.StreamedAt = 0;
            ReleaseSound();
        }
    }

    /// <summary>After an utterance a device in realtime mode continues to listen; the others send a new start, or stream on.</summary>
    private void LeaveEar()
    {
        if (Ear is { Mode: not ListenMode.Realtime })
        {
            CloseEar(mayStreamOn: true);
        }
    }

    private void OnWords(Hearing hearing)
    {
        _sound!.ForgetFailures();
        if (hearing.IsNoise)
        {
            // Noise: the device still listens.
            DropEarly();
            Ear!.Resume();
            return;
        }

        Turn? early = TakeEarly(hearing.Text);
        LeaveEar();
        OnUtterance(hearing.Text, hearing.Heard, early);
    }

    /// <summary>Without a recogniser, what was said is played back.</summary>
    private void OnSound(Utterance utterance)
    {
        _sound!.ForgetFailures();
        LeaveEar();
        Interrupt();
        _turnNumber++;
        WriteTtsStart();
        Voice = NewVoice();
        Voice.PlayBack(utterance, PlayBackCaption);
        _outbound.BusyFor(IDeviceOutbound.UntilTurnEnds);
    }

    private void ReleaseSound() => _sound = _sound is { IsEmpty: true } ? null : _sound;

    private DeviceVoice NewVoice(HeardUtterance? heard = null) => new(_services.Speech, _outbound, _audio, SessionId, _turnNumber, Texts, heard);
}
