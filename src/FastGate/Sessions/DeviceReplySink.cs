using System.Buffers;
using FastGate.Conversation;
using FastGate.Protocol.Messages;

namespace FastGate.Sessions;

/// <summary>
/// Sends the reply to one turn to its device. The worker writes, the connection's loop cancels. Every call becomes a queued message with the
/// turn's number, so that the loop can drop the messages of an interrupted turn.
/// </summary>
internal sealed class DeviceReplySink(int number, IDeviceOutbound outbound, Guid sessionId, bool wantsEmotion, DeviceVoice? voice = null) : IReplySink
{
    private volatile bool _cancelled;
    private volatile bool _endsSession;

    // Owned by the worker that runs the turn.
    private bool _emotionSent;
    private bool _speaking;

    /// <summary>The session ends after this turn.</summary>
    public bool EndsSession => _endsSession;

    /// <summary>Stops queueing messages. Loop only.</summary>
    public void Cancel()
    {
        _cancelled = true;
        voice?.Dispose();
    }

    public void Emotion(string emoji, string emotion)
    {
        if (_emotionSent)
        {
            return;
        }

        _emotionSent = true;
        if (wantsEmotion)
        {
            Post(OutboundKind.TurnText, writer => GatewayMessageWriter.WriteLlm(writer, emoji, emotion, sessionId));
        }
    }

    public void Sentence(string text)
    {
        Emotion("🙂", "happy");
        if (!_speaking)
        {
            _speaking = true;
            Post(OutboundKind.TurnStart, writer => GatewayMessageWriter.WriteTtsStart(writer, sessionId));
        }

        if (voice is not null)
        {
            voice.Say(text);
            return;
        }

        Post(OutboundKind.TurnText, writer => GatewayMessageWriter.WriteTtsSentenceStart(writer, text, sessionId));
    }

    public void EndSession() => _endsSession = true;

    public void Complete(TurnOutcome outcome)
    {
        if (voice is not null)
        {
            voice.Complete(outcome);
        }
        else if (!_cancelled)
        {
            outbound.Post(new OutboundMessage(OutboundKind.TurnEnd, [], number) { Outcome = outcome });
        }
    }

    private void Post(OutboundKind kind, Action<ArrayBufferWriter<byte>> write)
    {
        if (_cancelled)
        {
            return;
        }

        var writer = new ArrayBufferWriter<byte>(256);
        write(writer);
        outbound.Post(new OutboundMessage(kind, writer.WrittenSpan.ToArray(), number));
    }
}
