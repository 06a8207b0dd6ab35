using FastGate.Configuration.Options;
using FastGate.Conversation;
using FastGate.Diagnostics;
using FastGate.HandOver;
using FastGate.Protocol.Audio;
using FastGate.Protocol.Messages;

namespace FastGate.Sessions;

/// <summary>The session passes to the next owner of its connection, with its sound.</summary>
internal sealed partial class DeviceSession
{
    private DeviceSession(SessionServices services, IDeviceOutbound outbound, SessionState state)
    {
        _services = services;
        _outbound = outbound;
        SessionId = state.SessionId;
        _audio = (AudioFraming)state.Framing;
        _announced = (AudioFraming)state.AnnouncedFraming;
        _helloSeen = state.HelloSeen;
        _wantsEmotion = state.WantsEmotion;
        _ending = state.Ending;
        _speaking = state.Speaking;
        _turnNumber = state.TurnNumber;
        _language = (SessionLanguage)state.Language;
        _followsWords = state.FollowsWords;
        _wrongSecrets = state.WrongSecrets;
    }

    /// <summary>A reply is being made: its rest is in this process only.</summary>
    private bool IsProducing => Voice is { } voice ? !voice.IsComplete : _turn is not null;

    /// <summary>The session of another owner; nothing has started. Null for a state that has no meaning.</summary>
    public static DeviceSession? TryRestore(SessionServices services, IDeviceOutbound outbound, SessionState state) =>
        Enum.IsDefined((AudioFraming)state.Framing)
        && Enum.IsDefined((AudioFraming)state.AnnouncedFraming)
        && Enum.IsDefined((SessionLanguage)state.Language)
        && state.WrongSecrets <= MaxWrongSecrets
        && (state.Ear is not { } ear || Enum.IsDefined((ListenMode)ear.Mode))
        && (state.Playback is not { } playback || Enum.IsDefined((TurnOutcome)playback.Outcome))
            ? new DeviceSession(services, outbound, state)
            : null;

    /// <summary>Starts what the device was doing: it listens, or hears what is left of a reply. Loop only, once, after <see cref="TryRestore"/>.</summary>
    public void Resume(SessionState state)
    {
        if (state.Tools is { } tools)
        {
            ToolsOfDevice().Restore(tools);
        }

        if (state.Dialogue.Count > 0)
        {
            _dialogue = _services.BeginDialogue(this);
            _dialogue.Restore(state.Dialogue.Select(static turn => (turn.User, turn.Assistant)));
        }

        if (state.Ear is { } ear)
        {
            OpenEar((ListenMode)ear.Mode, ear);
        }

        if (state.StreamedAgeMs >= 0)
        {
            (_sound ??= new DeviceSound()).StreamedAt = (_services.NowMs - (uint)state.StreamedAgeMs) | 1;
        }

        if (state.Playback is { } playback)
        {
            PlayOn(playback);
        }
    }

    /// <summary>A turn in progress ends as by an interruption, and the device hears why. Loop only.</summary>
    public void CutTurn() => CutTurn(aloud: true);

    /// <summary>From here on no other thread adds to the turn. Loop only; what is queued must be written before <see cref="Save"/>.</summary>
    public void Freeze()
    {
        CutTurn(aloud: false);
        Voice?.Freeze();
        Ear?.Freeze();
    }

    /// <summary>The state, which from here on is the next owner's: nothing ends here when this session does. Loop only.</summary>
    /// <param name="ear">The device's ear with what it has heard, when a speech worker has saved that; null when the device does not listen.</param>
    public SessionState Save(out Task<EarState>? ear)
    {
        DropEarly();
        ear = Ear?.SaveAsync();
        var state = new SessionState
        {
            SessionId = SessionId,
            Framing = (byte)_audio,
            AnnouncedFraming = (byte)_announced,
            HelloSeen = _helloSeen,
            WantsEmotion = _wantsEmotion,
            Ending = _ending || (_turn is { } turn && SinkOf(turn) is { EndsSession: true }),
            Speaking = _speaking,
            TurnNumber = _turnNumber,
            Language = (byte)_language,
            FollowsWords = _followsWords,
            WrongSecrets = _wrongSecrets,
            StreamedAgeMs = _sound is { StreamedAt: not 0 } sound ? _services.NowMs - sound.StreamedAt : -1,
            Ear = Ear is { } listening ? new EarState((byte)listening.Mode, default, HasEnded: false) : null,
            Playback = Voice?.Frozen is { } playback ? playback with { IsLine = _turn is null } : null,
            Tools = _tools?.Save(),
            Dialogue = _services.HasMemory || _dialogue is null
                ? []
                : [.. _dialogue.Save().Select(static turn => new DialogueTurnState(turn.User, turn.Assistant))],
        };
        Ear = null;
        Voice = null;
        _turn = null;
        _dialogue = null;
        return state;
    }

    /// <summary>The device hears the rest of a reply; its turn ends after it.</summary>
    private void PlayOn(PlaybackState playback)
    {
        DeviceVoice voice = NewVoice();
        Voice = voice;
        if (!playback.IsLine)
        {
            var sink = new DeviceReplySink(_turnNumber, _outbound, SessionId, _wantsEmotion, voice);
            _turn = new Turn { Utterance = "", Sink = sink };
        }

        voice.Continue(playback);
        _outbound.BusyFor(IDeviceOutbound.UntilTurnEnds);
    }

    /// <summary>What the device has said is answered after the restart. What it interrupts ends now.</summary>
    private bool TryDeferTurn()
    {
        if (!_outbound.TryDefer())
        {
            return false;
        }

        Interrupt();
        return true;
    }

    private void CutTurn(bool aloud)
    {
        if (!IsProducing)
        {
            return;
        }

        bool ends = _ending;
        Interrupt();
        _ending = ends;
        Speak(Texts.RestartText, aloud);
        if (_ending && Voice is null)
        {
            _outbound.RequestClose(ConnectionEndReason.SessionEnded);
        }
    }
}
