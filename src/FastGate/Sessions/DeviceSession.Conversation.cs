using System.Buffers;
using FastGate.Conversation;
using FastGate.Diagnostics;
using FastGate.Protocol.Messages;

namespace FastGate.Sessions;

/// <summary>Utterances, turns and interruptions.</summary>
internal sealed partial class DeviceSession
{
    /// <summary>Characters of an utterance, more than a person says at once. Longer text is cut before it is echoed or stored.</summary>
    private const int LongestUtterance = 4_000;

    /// <summary>False for a message of an interrupted turn, which the loop drops. Loop only.</summary>
    public bool IsCurrent(OutboundMessage message) => message.Turn == 0 || message.Turn == _turnNumber;

    /// <summary>The loop has written the start of the current turn's speech.</summary>
    public void OnTurnStarted() => _speaking = true;

    /// <summary>The current turn has ended: tells the device to listen again.</summary>
    public void OnTurnEnd(OutboundMessage message)
    {
        bool ends = _ending || (_turn is { } ended && SinkOf(ended) is { EndsSession: true });
        TurnTimes? times = _turn is { } over ? Remember(over, message.Outcome) : null;
        _turn = null;
        Voice?.Dispose();
        Voice = null;
        if (!_speaking)
        {
            // After a turn without words the device still needs a start and a stop.
            WriteTtsStart();
        }

        WriteTtsStop();

        // The sound has been played when its turn ends.
        _outbound.BusyFor(0);
        if (times is { } stages)
        {
            Count(message.Outcome, stages);
        }

        if (ends)
        {
            _outbound.RequestClose(ConnectionEndReason.SessionEnded);
            return;
        }

        SpeakWaitingLines();
    }

    private void OnListen(in DeviceMessage message)
    {
        switch (message.State)
        {
            case ListenState.Start:
                _sound?.ForgetFailures();
                OpenEar(message.Mode);
                break;
            case ListenState.Stop:
                EndStream();
                Ear?.Finish();
                break;
            case ListenState.Detect when message.HasText && _services.IsQuiet && TryDeferTurn():
                break;
            case ListenState.Detect:
                // The sound before it was the wake word.
                CloseEar(mayStreamOn: true);
                if (message.HasText)
                {
                    OnUtterance(message.GetText());
                }

                break;
        }
    }

    /// <summary>The user said or typed something.</summary>
    /// <param name="text">The words.</param>
    /// <param name="heard">When they were heard; null for typed words.</param>
    /// <param name="early">The turn that began from these words before they were whole.</param>
    private void OnUtterance(string text, HeardUtterance? heard = null, Turn? early = null)
    {
        text = Trim(text);
        if (text.Length == 0)
        {
            return;
        }

        Interrupt();
        ArrayBufferWriter<byte> writer = SessionScratch.Rent();
        GatewayMessageWriter.WriteStt(writer, text, SessionId);
        _outbound.WriteText(writer.WrittenSpan);

        _language = LanguageOf(text);
        SessionTexts texts = Texts;
        string bare = SessionTexts.Bare(text);
        if (texts.IsWakeupWord(bare))
        {
            Speak(texts.Greeting);
        }
        else if (texts.IsExitCommand(bare) && !texts.Goodbye)
        {
            _outbound.RequestClose(ConnectionEndReason.SessionEnded);
        }
        else if (texts.IsExitCommand(bare) && texts.GoodbyeText is { } goodbye)
        {
            _ending = true;
            SpeakLast(goodbye);
        }
        else if (texts.IsExitCommand(bare))
        {
            _ending = true;
            BeginTurn(text, TurnKind.Goodbye, heard);
        }
        else
        {
            BeginTurn(text, TurnKind.Utterance, heard, early);
        }

        if (early is not null && early != _turn)
        {
            Drop(early);
        }
    }

    /// <summary>A NUL ends the text for programs that read C strings: devices, and tools that open the database.</summary>
    private static string Trim(string text) => Cut(text.Replace("\0", "", StringComparison.Ordinal).AsSpan().Trim());

    /// <summary>Does not split a surrogate pair.</summary>
    private static string Cut(ReadOnlySpan<char> text)
    {
        if (text.Length > LongestUtterance)
        {
            text = text[..(char.IsHighSurrogate(text[LongestUtterance - 1]) ? LongestUtterance - 1 : LongestUtterance)];
        }

        return text.ToString();
    }

    private Dialogue DialogueForTurn()
    {
        _dialogue ??= _services.BeginDialogue(this);
        _dialogue.DeviceTools = _tools;
        return _dialogue;
    }

    private void BeginTurn(string utterance, TurnKind kind, HeardUtterance? heard, Turn? early = null)
    {
        Dialogue dialogue = DialogueForTurn();
        _turnNumber++;
        Voice = _services.Speech.Synthesizer is null ? null : NewVoice(heard).Start();
        var sink = new DeviceReplySink(_turnNumber, _outbound, SessionId, _wantsEmotion, Voice);
        if (early is not null && early.TryRelease(utterance, heard, sink))
        {
            _services.Speech.Metrics.EarlyTurnsUsed.Increment();
            _turn = early;
            _outbound.BusyFor(IDeviceOutbound.UntilTurnEnds);
            return;
        }

        _turn = new Turn { Heard = heard, Utterance = utterance, Sink = sink, Kind = kind, Language = _services.Texts.LanguageFor(_language) };
        if (_services.Conversation.TrySubmit(dialogue, _turn))
        {
            _outbound.BusyFor(IDeviceOutbound.UntilTurnEnds);
            return;
        }

        _turn = null;
        Voice?.Dispose();
        Voice = null;
        _services.Metrics.Busy.Increment();
        SpeakLast(Texts.BusyText);
    }

    /// <summary>Speaks a configured line, after which the session ends if it is ending.</summary>
    private void SpeakLast(string line)
    {
        Speak(line);
        if (_ending && Voice is null)
        {
            // There is no sound to wait for.
            _outbound.RequestClose(ConnectionEndReason.SessionEnded);
        }
    }

    /// <summary>Speaks a configured line at once, without an LLM.</summary>
    private void Speak(string line, bool aloud = true)
    {
        ArrayBufferWriter<byte> writer = SessionScratch.Rent();
        if (_wantsEmotion)
        {
            GatewayMessageWriter.WriteLlm(writer, "🙂", "happy", SessionId);
            _outbound.WriteText(writer.WrittenSpan);
        }

        WriteTtsStart();
        if (aloud && _services.Speech.Synthesizer is not null)
        {
            _turnNumber++;
            Voice = NewVoice().Start();
            Voice.Say(line);
            Voice.Complete(TurnOutcome.Completed);
            _outbound.BusyFor(IDeviceOutbound.UntilTurnEnds);
            return;
        }

        writer = SessionScratch.Rent();
        GatewayMessageWriter.WriteTtsSentenceStart(writer, line, SessionId);
        _outbound.WriteText(writer.WrittenSpan);
        WriteTtsStop();
    }

    /// <summary>The device asks for silence; it gets a stop even when there is no turn. What it said before is not answered.</summary>
    private void OnAbort()
    {
        Ear?.Forget();
        CancelTurn();
        WriteTtsStop();
        SpeakWaitingLines();
    }

    /// <summary>Stops the old turn before a new utterance; a turn that has started to speak gets a stop.</summary>
    private void Interrupt()
    {
        CancelTurn();
        if (_speaking)
        {
            WriteTtsStop();
        }
    }

    /// <summary>
    /// Raises the turn number, so that the loop drops all messages of the old turn, and cancels its call.
    /// </summary>
    private void CancelTurn()
    {
        DropEarly();
        if (_turn is null && Voice is null)
        {
            return;
        }

        _turnNumber++;
        _ending = false;
        Turn? turn = _turn;
        TurnTimes times = turn is null ? default : Remember(turn, TurnOutcome.Cancelled);
        _turn = null;
        Voice?.Dispose();
        Voice = null;
        if (turn is not null)
        {
            SinkOf(turn)?.Cancel();
            _services.Conversation.Cancel(turn);
            Count(TurnOutcome.Cancelled, times);
        }

        _outbound.BusyFor(0);
    }

    private void WriteTtsStart()
    {
        _speaking = true;
        ArrayBufferWriter<byte> writer = SessionScratch.Rent();
        GatewayMessageWriter.WriteTtsStart(writer, SessionId);
        _outbound.WriteText(writer.WrittenSpan);
    }

    private void WriteTtsStop()
    {
        _speaking = false;
        ArrayBufferWriter<byte> writer = SessionScratch.Rent();
        GatewayMessageWriter.WriteTtsStop(writer, SessionId);
        _outbound.WriteText(writer.WrittenSpan);
    }
}
