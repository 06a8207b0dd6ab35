using System.Buffers;
using System.Diagnostics;
using System.Text;
using FastGate.Conversation;
using FastGate.Diagnostics;
using FastGate.Protocol.Messages;

namespace FastGate.Sessions;

/// <summary>What an operator lets the device show and say, and what the gateway remembers about its turns.</summary>
internal sealed partial class DeviceSession
{
    /// <summary>Lines that wait for the end of a turn; another one is dropped and counted.</summary>
    private const int MaxLines = 4;

    /// <summary>Shows a text on the device. Loop only.</summary>
    public void OnAlert(ReadOnlySpan<byte> text)
    {
        ArrayBufferWriter<byte> writer = SessionScratch.Rent();
        GatewayMessageWriter.WriteAlert(writer, Texts.AlertTitle, Encoding.UTF8.GetString(text), "neutral", SessionId);
        _outbound.WriteText(writer.WrittenSpan);
    }

    /// <summary>Speaks a line, after the present turn if there is one. Loop only.</summary>
    public void OnLine(ReadOnlySpan<byte> text)
    {
        Queue<string>? waiting = _sound?.Lines;
        if (_services.IsQuiet || _ending || waiting?.Count >= MaxLines)
        {
            _services.Metrics.LinesDropped.Increment();
            return;
        }

        waiting ??= (_sound ??= new DeviceSound()).Lines = new Queue<string>();
        waiting.Enqueue(Encoding.UTF8.GetString(text));
        SpeakWaitingLines();
    }

    /// <summary>Speaks the next line that waits, if nothing is being said. Without a synthesiser the lines are only shown, so all of them.</summary>
    private void SpeakWaitingLines()
    {
        while (_turn is null && Voice is null && _sound?.Lines is { } lines)
        {
            if (_services.IsQuiet || _ending)
            {
                _services.Metrics.LinesDropped.Add(lines.Count);
                lines.Clear();
            }
            else
            {
                CloseEar(mayStreamOn: true);
                _services.Metrics.LinesSpoken.Increment();
                Speak(lines.Dequeue());
            }

            if (lines.Count == 0)
            {
                _sound!.Lines = null;
                ReleaseSound();
            }
        }
    }

    /// <summary>Keeps the stages of a turn that has ended for the operator. Before its voice is disposed.</summary>
    private TurnTimes Remember(Turn turn, TurnOutcome outcome)
    {
        long now = Stopwatch.GetTimestamp();
        HeardUtterance? heard = turn.Heard;
        long firstFrame = Voice?.FirstFrameAt ?? 0;
        var times = new TurnTimes(
            DateTimeOffset.UtcNow,
            outcome.ToString(),
            heard is null ? null : Between(heard.SpokenAt, heard.EndedAt),
            Between(heard?.EndedAt ?? 0, heard?.WordsAt ?? 0),
            Between(turn.SubmittedAt, turn.StartedAt),
            Between(turn.StartedAt, turn.FirstTextAt),
            Between(turn.FirstTextAt, firstFrame),
            Between(heard?.SpokenAt ?? 0, firstFrame),
            Between(turn.SubmittedAt, now) ?? 0);
        _services.Metrics.Endpoint.Add(times.EndpointMs);
        _services.Metrics.Recognition.Add(times.RecognitionMs);
        _services.Metrics.Wait.Add(times.WaitMs);
        _services.Metrics.FirstText.Add(times.FirstTextMs);
        _services.Metrics.FirstSound.Add(times.FirstSoundMs);
        _services.Metrics.Answer.Add(times.AnswerMs);
        _services.Metrics.Total.Add(times.TotalMs);
        _services.Profiles.TurnEnded(
            DeviceId,
            times,
            failed: outcome == TurnOutcome.Failed,
            cancelled: outcome == TurnOutcome.Cancelled);
        return times;
    }

    private static int? Between(long from, long to) => from == 0 || to < from ? null : (int)Stopwatch.GetElapsedTime(from, to).TotalMilliseconds;

    private void Count(TurnOutcome outcome, in TurnTimes times)
    {
        (StripedCounter counter, string name) = outcome switch
        {
            TurnOutcome.Completed => (_services.Metrics.TurnsCompleted, "completed"),
            TurnOutcome.Cancelled => (_services.Metrics.TurnsCancelled, "cancelled"),
            _ => (_services.Metrics.TurnsFailed, "failed"),
        };
        counter.Increment();
        _services.Webhooks?.TurnFinished(DeviceId, SessionId, _outbound.RemoteEndPoint, name, times);
    }
}
