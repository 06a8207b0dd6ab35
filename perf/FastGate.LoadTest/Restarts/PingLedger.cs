using FastGate.LoadTest.Measure;

namespace FastGate.LoadTest.Restarts;

/// <summary>
/// The pings of one connection. A ping is a text message, whose pong has no number, and behind it a control frame with a number, which the server
/// returns. The pongs must alternate, so that a lost, doubled or reordered pong of either kind is seen.
/// </summary>
internal sealed class PingLedger
{
    private readonly SequenceLedger _frames = new();
    private long _texts;
    private long _ahead;
    private long _misplaced;

    public long Sent { get; private set; }

    /// <summary>Pings of which a pong is outstanding.</summary>
    public long Outstanding => Math.Max(_frames.Missing(Sent), Sent - _texts);

    /// <summary>Returns the number of the next ping.</summary>
    public long Send() => Sent++;

    public void ReceiveText() => _texts++;

    public void ReceiveFrame(long number)
    {
        _frames.Receive(number, Sent);
        long ahead = _texts - _frames.Next;
        _misplaced += ahead == _ahead ? 0 : 1;
        _ahead = ahead;
    }

    /// <summary>A text pong out of its place is reordered when all have come; otherwise the missing or surplus one is counted.</summary>
    public MessageCounts Count() => new(
        2 * Sent,
        _frames.Missing(Sent) + Math.Max(0, Sent - _texts),
        _frames.Doubled + Math.Max(0, _texts - Sent),
        _frames.Reordered + (_texts == Sent && _frames.Doubled == 0 && _frames.Reordered == 0 && _frames.Missing(Sent) == 0 ? _misplaced : 0));
}
