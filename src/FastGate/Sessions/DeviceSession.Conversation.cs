using System.Buffers;
using FastGate.Conversation;
using FastGate.Diagnostics;
using FastGate.Protocol.Messages;

namespace FastGate.Sessions;

/// <summary>Utterances, turns and interruptions.</summary>
internal sealed partial class DeviceSession
{
    /// <summary>Characters of an utterance; nobody says more in a breath. What is beyond them is cut off before anything keeps or echoes it.</summary>
    private const int LongestUtterance = 4_000;

    /// <summary>False for what belongs to a turn that has been interrupted: the loop then drops it unwritten. Loop only.</summary>
    public bool IsCurrent(OutboundMessage message) => message.Turn == 0 || message.Turn == _turnNumber;

    /// <summary>The loop has written the first words of the current turn.</summary>
    public void OnTurnStarted() => _speaking = true;

    /// <summary>The current turn is over: the device may listen again.</summary>
    public void OnTurnEnd(OutboundMessage message)
    {
        _turn = null;
        _request = null;
        if (!_speaking)
        {
            // A turn without a word (an empty reply) still has to leave the device in a definite state.
            WriteTtsStart();
        }

        WriteTtsStop();
        Count(message.Outcome);
        if (_ending)
        {
            _outbound.RequestClose(ConnectionEndReason.SessionEnded);
        }
    }

    private void OnListen(in DeviceMessage message)
    {
        switch (message.State)
        {
            case ListenState.Start:
                _services.Audio.ListenStarted(this);
                break;
            case ListenState.Stop:
                _services.Audio.ListenStopped(this);
                break;
            case ListenState.Detect when message.HasText:
                OnUtterance(message.GetText());
                break;
        }
    }

    /// <summary>The user said something: typed, or heard by whoever recognises speech.</summary>
    private void OnUtterance(string text)
    {
        // A NUL ends the text for programs that read C strings: devices, and tools that open the database.
        text = Cut(text.Replace("\0", "", StringComparison.Ordinal).AsSpan().Trim());
        if (text.Length == 0)
        {
            return;
        }

        Interrupt();
        ArrayBufferWriter<byte> writer = SessionScratch.Rent();
        GatewayMessageWriter.WriteStt(writer, text, SessionId);
        _outbound.WriteText(writer.WrittenSpan);

        SessionTexts texts = _services.Texts;
        string bare = SessionTexts.Bare(text);
        if (texts.IsWakeupWord(bare))
        {
            Speak(texts.Greeting);
        }
        else if (texts.IsExitCommand(bare) && !texts.Goodbye)
        {
            _outbound.RequestClose(ConnectionEndReason.SessionEnded);
        }
        else if (texts.IsExitCommand(bare))
        {
            _ending = true;
            BeginTurn(text, TurnKind.Goodbye);
        }
        else
        {
            BeginTurn(text, TurnKind.Utterance);
        }
    }

    /// <summary>Never in the middle of a character.</summary>
    private static string Cut(ReadOnlySpan<char> text)
    {
        if (text.Length > LongestUtterance)
        {
            text = text[..(char.IsHighSurrogate(text[LongestUtterance - 1]) ? LongestUtterance - 1 : LongestUtterance)];
        }

        return text.ToString();
    }

    private void BeginTurn(string utterance, TurnKind kind)
    {
        _dialogue ??= _services.BeginDialogue(this);
        _turn = new DeviceReplySink(++_turnNumber, _outbound, SessionId, _wantsEmotion);
        _request = new Turn { Utterance = utterance, Sink = _turn, Kind = kind, Number = _turnNumber };
        if (_services.Conversation.TrySubmit(_dialogue, _request))
        {
            return;
        }

        _turn = null;
        _request = null;
        _services.Metrics.Busy.Increment();
        Speak(_services.Texts.BusyText);
        if (_ending)
        {
            _outbound.RequestClose(ConnectionEndReason.SessionEnded);
        }
    }

    /// <summary>A line of the gateway's own, spoken at once without any LLM.</summary>
    private void Speak(string line)
    {
        ArrayBufferWriter<byte> writer = SessionScratch.Rent();
        if (_wantsEmotion)
        {
            GatewayMessageWriter.WriteLlm(writer, "🙂", "happy", SessionId);
            _outbound.WriteText(writer.WrittenSpan);
        }

        WriteTtsStart();
        writer = SessionScratch.Rent();
        GatewayMessageWriter.WriteTtsSentenceStart(writer, line, SessionId);
        _outbound.WriteText(writer.WrittenSpan);
        WriteTtsStop();
    }

    /// <summary>The device wants silence, whatever is going on; it is answered even when there is nothing to stop.</summary>
    private void OnAbort()
    {
        CancelTurn();
        WriteTtsStop();
    }

    /// <summary>A new utterance takes the floor: the old turn stops, audibly if it had begun to speak.</summary>
    private void Interrupt()
    {
        CancelTurn();
        if (_speaking)
        {
            WriteTtsStop();
        }
    }

    /// <summary>
    /// Raises the turn number, so that whatever of the old turn is queued or still comes is dropped by the loop, and cancels the call itself.
    /// </summary>
    private void CancelTurn()
    {
        if (_turn is null)
        {
            return;
        }

        _turnNumber++;
        _ending = false;
        _turn.Cancel();
        _services.Conversation.Cancel(_request!);
        Count(TurnOutcome.Cancelled);
        _turn = null;
        _request = null;
    }

    private void Count(TurnOutcome outcome)
    {
        StripedCounter counter = outcome switch
        {
            TurnOutcome.Completed => _services.Metrics.TurnsCompleted,
            TurnOutcome.Cancelled => _services.Metrics.TurnsCancelled,
            _ => _services.Metrics.TurnsFailed,
        };
        counter.Increment();
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
