using System.Diagnostics;

namespace FastGate.Diagnostics;

/// <summary>When an utterance was heard. Timestamps of <see cref="Stopwatch"/>.</summary>
/// <param name="SpokenAt">When its last sound of voice was decoded.</param>
/// <param name="EndedAt">When its end was found.</param>
/// <param name="WordsAt">When the recogniser gave the words.</param>
/// <param name="Recognizer">Alias of the recogniser.</param>
/// <param name="Server">Its server.</param>
internal sealed record HeardUtterance(long SpokenAt, long EndedAt, long WordsAt, string Recognizer, Uri? Server = null)
{
    /// <summary>Adds the stages before the turn to its span.</summary>
    public void Trace(ActivityContext turn)
    {
        long now = Stopwatch.GetTimestamp();
        GatewayTracing.Stage(turn, "endpoint", "", Stopwatch.GetElapsedTime(SpokenAt, EndedAt), Stopwatch.GetElapsedTime(EndedAt, now));
        if (WordsAt > EndedAt)
        {
            GatewayTracing.Stage(turn, "recognition", Recognizer, Stopwatch.GetElapsedTime(EndedAt, WordsAt), Stopwatch.GetElapsedTime(WordsAt, now), Server);
        }
    }
}
